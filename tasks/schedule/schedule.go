// Package schedule judges the texts of a schedule as Prefect's server does: [Cron] lines and [RRule] recurrence rules, intervals, time
// zones and anchors. What passes here may still never fire.
//
// Each function takes one text and says what is wrong with it, so that a schedule which the server would refuse, with all of its
// deployment, is found while it can still be corrected. Placeholders are not known here; callers leave texts with {{ }} alone.
package schedule

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // Windows has no table of time zones

	"github.com/flowmage/flowmage/tasks/pattern"
)

// Zone tells whether there is a time zone of that IANA name. Local is Go's own word for the machine's zone and none of them.
func Zone(name string) bool {
	_, err := time.LoadLocation(name)
	return err == nil && name != "Local" && name != ""
}

// clock is Prefect's H:MM:SS form of an interval.
var clock = pattern.New(`^(?:(\d+) days?,? )?(\d+):(\d\d):(\d\d(?:\.\d+)?)$`)

// iso is the ISO-8601 form, such as P1DT12H or PT10M.
var iso = pattern.New(
	`^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$`)

// Interval gives the seconds of an interval that is written as PT1H or 1:00:00.
func Interval(text string) (seconds float64, ok bool) {
	if m := clock.FindStringSubmatch(text); m != nil {
		return sum(m[1:], []float64{86400, 3600, 60, 1}), true
	}
	if m := iso.FindStringSubmatch(text); m != nil && text != "P" {
		return sum(m[1:], []float64{604800, 86400, 3600, 60, 1}), true
	}
	return 0, false
}

func sum(parts []string, units []float64) float64 {
	total := 0.0
	for i, part := range parts {
		if value, err := strconv.ParseFloat(part, 64); err == nil {
			total += value * units[i]
		}
	}
	return total
}

// Moment tells whether a text is a date or a time of day on a date, as anchors of intervals are.
func Moment(text string) bool {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04:05", "2006-01-02T15:04", time.DateTime, "2006-01-02 15:04", time.DateOnly, "2006-01-02 15:04:05Z07:00"} {
		if _, err := time.Parse(layout, text); err == nil {
			return true
		}
	}
	return false
}

// Memory answers like the functions of this package, and does not think twice about the same text: a thousand schedules have few different
// rules and time zones between them. The zero value knows nothing yet. It is not for several goroutines at once.
type Memory struct {
	zones map[string]bool
	crons map[string]error
}

// Zone is [Zone], remembered.
func (m *Memory) Zone(name string) bool {
	return remembered(&m.zones, name, Zone)
}

// Cron is [Cron], remembered.
func (m *Memory) Cron(text string) error {
	return remembered(&m.crons, text, Cron)
}

func remembered[T any](answers *map[string]T, text string, judge func(string) T) T {
	answer, known := (*answers)[text]
	if !known {
		if *answers == nil {
			*answers = map[string]T{}
		}
		answer = judge(text)
		(*answers)[text] = answer
	}
	return answer
}

// The keys of the texts that are judged.
const (
	CronKey     = "cron"
	RruleKey    = "rrule"
	TimezoneKey = "timezone"
	AnchorKey   = "anchor_date"
)

// Refusal tells what the server would refuse about one of a schedule's texts, with all of the deployment: message is empty when it takes it, known
// false when the key is none of those above.
func (m *Memory) Refusal(key, value string) (fix, message string, known bool) {
	switch key {
	case TimezoneKey:
		if value != "" && !m.Zone(value) {
			return "use an IANA name such as Europe/Berlin or UTC", fmt.Sprintf("there is no time zone %q", value), true
		}
	case CronKey:
		if err := m.Cron(value); err != nil {
			return `write minute, hour, day, month and weekday, such as "0 6 * * 1-5"`, fmt.Sprintf("Prefect does not take the cron rule %q: %v", value, err), true
		}
	case RruleKey:
		if err := RRule(value); err != nil {
			return `write a rule such as "FREQ=WEEKLY;BYDAY=MO"`, fmt.Sprintf("Prefect does not take the rrule %q: %v", value, err), true
		}
	case AnchorKey:
		if value != "" && !Moment(value) {
			return "write it like 2026-01-31T06:00:00+01:00", fmt.Sprintf("%q is no date and time", value), true
		}
	default:
		return "", "", false
	}
	return "", "", true
}

// PlainRule gives the rule and the time zone of an rrule that is written as JSON, {"rrule": …, "timezone": …}, as Prefect's own commands
// take it; any other is given as it is. ok is false for JSON without a rule.
func PlainRule(rrule, timezone string) (rule, zone string, ok bool) {
	if text := strings.TrimSpace(rrule); !strings.HasPrefix(text, "{") || strings.HasPrefix(text, "{{") {
		return rrule, timezone, true
	}
	var given struct{ RRule, Timezone string }
	if err := json.Unmarshal([]byte(rrule), &given); err != nil || given.RRule == "" {
		return rrule, timezone, false
	}
	return given.RRule, cmp.Or(given.Timezone, timezone), true
}
