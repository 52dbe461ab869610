package setting

import (
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/schedule"
)

// cronRule wants the five fields that cron has everywhere. Prefect also takes a sixth, which is seconds but stands last: whoever writes
// six means something else.
func cronRule(judge *schedule.Memory) func(any) *Problem {
	return func(v any) *Problem {
		s, _ := v.(string)
		if strings.Contains(s, "{{") {
			return nil
		}
		err := judge.Cron(s)
		if n := len(strings.Fields(s)); err == nil && n > 5 {
			err = fmt.Errorf("it has %d fields, not 5", n)
		}
		if err != nil {
			return bad(`write minute, hour, day, month, weekday, such as "0 6 * * 1-5"`, "is no cron line: %v; this is %q", err, Shorten(s))
		}
		if message, fix := schedule.Never(s); message != "" {
			return &Problem{Code: "cron-never", Message: message + fmt.Sprintf("; this is %q", Shorten(s)), Fix: fix, Warning: true}
		}
		return nil
	}
}

func rruleRule(v any) *Problem {
	s, _ := v.(string)
	if strings.Contains(s, "{{") {
		return nil
	}
	if err := schedule.RRule(s); err != nil {
		return bad(`write a rule such as "FREQ=WEEKLY;BYDAY=MO"`, "is no recurrence rule: %v; this is %q", err, Shorten(s))
	}
	return nil
}

func zoneRule(judge *schedule.Memory) func(any) *Problem {
	return func(v any) *Problem {
		if s, _ := v.(string); !strings.Contains(s, "{{") && !judge.Zone(s) {
			return bad(Meant(s, zones(), "write an IANA name such as Europe/Berlin or UTC"), "is no time zone: %q", Shorten(s))
		}
		return nil
	}
}

// zones are those that people misspell most; the table of all is a file of the system and not everywhere.
func zones() []string {
	return strings.Fields("UTC Europe/Berlin Europe/London Europe/Paris Europe/Zurich Europe/Vienna Europe/Madrid Europe/Warsaw Europe/Amsterdam " +
		"America/New_York America/Chicago America/Denver America/Los_Angeles America/Toronto America/Sao_Paulo " +
		"Asia/Tokyo Asia/Singapore Asia/Shanghai Asia/Kolkata Asia/Dubai Australia/Sydney")
}

func momentRule(v any) *Problem {
	if s, _ := v.(string); !strings.Contains(s, "{{") && !schedule.Moment(s) {
		return bad(`write it as "2026-01-01T00:00:00Z"`, "is no date and time: %q", Shorten(s))
	}
	return nil
}

// longest is the longest time that Python's timedelta holds, in seconds.
const longest = 999_999_999 * 86_400

func intervalRule(v any) *Problem {
	seconds, known := 0.0, true
	switch t := v.(type) {
	case int:
		seconds = float64(t)
	case float64:
		seconds = t
	case string:
		if strings.Contains(t, "{{") {
			return bad("write seconds, PT1H or 1:00:00; a cron line or an rrule may come from a variable", "takes no placeholder: Prefect reads it before anything is filled in")
		}
		seconds, known = schedule.Interval(t)
	}
	const fix = "write seconds, PT1H or 1:00:00"
	if message, instead := schedule.Calendar(fmt.Sprint(v)); message != "" {
		return bad(instead, "%s; this is %q", message, Shorten(fmt.Sprint(v)))
	}
	if !known {
		return bad(fix, "is no interval: %q", Shorten(fmt.Sprint(v)))
	}
	if seconds > longest {
		return &Problem{Code: outOfRange, Message: fmt.Sprintf("must be at most 999999999 days, this is %v", v), Fix: fix}
	}
	if !(seconds > 0) {
		return &Problem{Code: outOfRange, Message: fmt.Sprintf("must be more than zero, this is %v", v), Fix: fix}
	}
	return nil
}

func scheduleRule(v any) *Problem {
	has := written(v, "cron", "interval", "rrule")
	if len(has) == 1 {
		return nil
	}
	message := "needs one of cron, interval and rrule"
	if len(has) > 1 {
		message = "has " + strings.Join(has, " and ") + ", but a schedule has only one of them"
	}
	return &Problem{Code: "schedule-form", Message: message, Fix: "keep one; write a schedule for each"}
}
