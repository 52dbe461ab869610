package schedule

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
)

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
