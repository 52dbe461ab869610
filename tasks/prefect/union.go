package prefect

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// scheduleClass finds the name of a member of Prefect's schedule union in a detail's place, with what the server writes
// around it: `schedules.0.schedule.function-after[validate_timezone(), CronSchedule].cron`.
var scheduleClass = regexp.MustCompile(
	`\.?(?:[\w-]+\[[^\]]*)?\b(Interval|Cron|RRule)Schedule\b[^.]*`)

// narrow keeps those details of a schedule that concern its kind. The server tries a faulty schedule as all three kinds
// and lists the faults of each, so a wrong cron expression is told as a missing interval first.
func narrow(details []Detail, sent any) []Detail {
	out := make([]Detail, 0, len(details))
	for _, d := range details {
		m := scheduleClass.FindStringSubmatchIndex(d.Loc)
		if m == nil {
			out = append(out, d)
			continue
		}
		class := strings.ToLower(d.Loc[m[2]:m[3]])
		place := d.Loc[:m[0]]
		if kind := scheduleKind(dig(sent, place)); kind != "" && kind != class {
			continue
		}
		d.Loc = place + d.Loc[m[1]:]
		out = append(out, d)
	}
	if len(out) == 0 { // better too much than nothing
		return details
	}
	return out
}

func scheduleKind(rule any) string {
	m, ok := rule.(map[string]any)
	if !ok {
		return ""
	}
	for _, kind := range []string{"cron", "interval", "rrule"} {
		if m[kind] != nil {
			return kind
		}
	}
	return ""
}

// dig gives the value at a dotted path in a request's body, or nil.
func dig(sent any, path string) any {
	data, err := json.Marshal(sent)
	if err != nil {
		return nil
	}
	var v any
	if json.Unmarshal(data, &v) != nil {
		return nil
	}
	for part := range strings.SplitSeq(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[part]
		case []any:
			i, err := strconv.Atoi(part)
			if err != nil || i < 0 || i >= len(at) {
				return nil
			}
			v = at[i]
		default:
			return nil
		}
	}
	return v
}
