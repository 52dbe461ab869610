package manifest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// The keys of the texts that are judged.
const (
	cronKey     = "cron"
	rruleKey    = "rrule"
	timezoneKey = "timezone"
	anchorKey   = "anchor_date"
)

// ruled are the texts of a schedule by which it is judged, by key.
func (s Schedule) ruled() map[string]string {
	return map[string]string{
		cronKey: s.Cron, rruleKey: s.RRule, timezoneKey: s.Timezone, anchorKey: s.AnchorDate, "active": s.ActiveText, "day_or": s.DayOrText,
	}
}

// refusal tells what the server would refuse about one of a schedule's texts, with all of the deployment; code is empty when it takes it.
func refusal(judge *schedule.Memory, key, value string) (code, fix, message string) {
	switch key {
	case timezoneKey:
		if value != "" && !judge.Zone(value) {
			return timezoneKey, "use an IANA name such as Europe/Berlin or UTC", fmt.Sprintf("there is no time zone %q", value)
		}
	case cronKey:
		if err := judge.Cron(value); err != nil {
			return cronKey, `write minute, hour, day, month and weekday, such as "0 6 * * 1-5"`, fmt.Sprintf("Prefect does not take the cron rule %q: %v", value, err)
		}
	case rruleKey:
		if err := schedule.RRule(value); err != nil {
			return rruleKey, `write a rule such as "FREQ=WEEKLY;BYDAY=MO"`, fmt.Sprintf("Prefect does not take the rrule %q: %v", value, err)
		}
	case anchorKey:
		if value != "" && !schedule.Moment(value) {
			return "anchor-date", "write it like 2026-01-31T06:00:00+01:00", fmt.Sprintf("%q is no date and time", value)
		}
	default:
		if _, ok := truthWord(value); !ok {
			return wrongType, "write true or false", fmt.Sprintf("%s must be true or false, this is %q", key, value)
		}
	}
	return "", "", ""
}

// plainRule gives the rule and the time zone of an rrule that is written as JSON, {"rrule": …, "timezone": …}, as Prefect's own commands
// take it; any other is given as it is. ok is false for JSON without a rule.
func plainRule(rrule, timezone string) (rule, zone string, ok bool) {
	if text := strings.TrimSpace(rrule); !strings.HasPrefix(text, "{") || strings.HasPrefix(text, "{{") {
		return rrule, timezone, true
	}
	var given struct{ RRule, Timezone string }
	if err := json.Unmarshal([]byte(rrule), &given); err != nil || given.RRule == "" {
		return rrule, timezone, false
	}
	return given.RRule, cmp.Or(given.Timezone, timezone), true
}

// Settle completes schedules into which variables or the outputs of steps have been filled, and judges what was filled in, as [Parse] does
// what is written out. before are the schedules as they were. Texts that still hold a placeholder wait. The findings stand where the
// schedules do, and say which placeholder the value came from.
func Settle(deployment string, before, after []Schedule) ([]Schedule, finding.List) {
	var findings finding.List
	var judge schedule.Memory
	out := slices.Clone(after)
	for i := range out {
		s := &out[i]
		was := before[i].ruled()
		tell := func(key, code, fix, message string) {
			at := s.Position
			at.Key = key
			findings = append(findings, catalogue.New(code, finding.OfDeployment(deployment), finding.Finding{
				Position: at, Subject: deployment,
				Message: fmt.Sprintf("%s; the value came from %s", message, was[key]), Fix: fix,
			}))
		}
		given := s.ruled()
		if rule, zone, ok := plainRule(s.RRule, s.Timezone); ok {
			if zone != s.Timezone {
				was[timezoneKey] = was[rruleKey] // the rule's text brought it along
			}
			s.RRule, s.Timezone = rule, zone
			given[rruleKey], given[timezoneKey] = rule, zone
		}
		for _, key := range sorted(given) {
			value := given[key]
			if was[key] == value || output.MatchString(value) {
				continue
			}
			if code, fix, message := refusal(&judge, key, value); code != "" {
				tell(key, code, fix, message)
			}
		}
		s.Active, s.ActiveText = settledTruth(s.Active, s.ActiveText)
		s.DayOr, s.DayOrText = settledTruth(s.DayOr, s.DayOrText)
	}
	return out, findings
}

// settledTruth reads a truth value from its text, unless that waits.
func settledTruth(value *bool, waiting string) (*bool, string) {
	if waiting == "" || output.MatchString(waiting) {
		return value, waiting
	}
	if truth, ok := truthWord(waiting); ok {
		value = &truth
	}
	return value, ""
}

// shellForm is a variable as shells write it.
var shellForm = regexp.MustCompile(`^\$\{(\w+)[^{}]*\}$`)
