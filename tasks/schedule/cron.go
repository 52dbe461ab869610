package schedule

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// field is one of a cron line's.
type field struct {
	name      string
	low, high int
	names     []string // in order from low
}

// fields are those of a cron line; the sixth is seconds and the seventh the year, as in croniter, which Prefect uses.
func fields() []field {
	return []field{
		{"minute", 0, 59, nil},
		{"hour", 0, 23, nil},
		{"day", 1, 31, nil},
		{"month", 1, 12, strings.Fields("jan feb mar apr may jun jul aug sep oct nov dec")},
		{"weekday", 0, 7, strings.Fields("sun mon tue wed thu fri sat")},
		{"second", 0, 59, nil},
		{"year", 1970, 2099, nil},
	}
}

// macro is one of cron's names for common schedules.
var macro = regexp.MustCompile(`^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$`)

// Cron judges a cron line.
func Cron(text string) error {
	text = strings.ToLower(strings.TrimSpace(text))
	if macro.MatchString(text) {
		return nil
	}
	if strings.HasPrefix(text, "@") {
		return fmt.Errorf("%s is none of @hourly, @daily, @midnight, @weekly, @monthly, @yearly, @annually", text)
	}
	parts := strings.Fields(text)
	if len(parts) < 5 || len(parts) > 7 {
		return fmt.Errorf("it has %d fields, not 5", len(parts))
	}
	for i, part := range parts {
		for item := range strings.SplitSeq(part, ",") {
			if err := fields()[i].item(item); err != nil {
				return err
			}
		}
	}
	return nil
}

// nth is a weekday with its place in the month, last one a weekday's last: mon#2, L5.
var (
	nth  = regexp.MustCompile(`^(.+)#([1-5])$`)
	last = regexp.MustCompile(`^l([0-7])$`)
)

// item judges one of the parts between commas: a value, a range, or either with a step.
func (f field) item(text string) error {
	text, step, stepped := strings.Cut(text, "/")
	if stepped {
		if n, err := strconv.Atoi(step); err != nil || n < 1 {
			return fmt.Errorf("the step %q of the %s is no number from 1", step, f.name)
		}
	}
	switch {
	case text == "*", text == "?" && (f.name == "day" || f.name == "weekday"), text == "l" && f.name == "day":
		return nil
	case f.name == "weekday" && last.MatchString(text):
		return nil
	case f.name == "weekday" && nth.MatchString(text):
		text = nth.FindStringSubmatch(text)[1]
	}
	from, to, ranged := strings.Cut(text, "-")
	if err := f.value(from); err != nil || !ranged {
		return err
	}
	return f.value(to)
}

func (f field) value(text string) error {
	if slices.Contains(f.names, text) {
		return nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil && f.names != nil:
		return fmt.Errorf("%q is no %s: write %d to %d, or %s to %s", text, f.name, f.low, f.high, f.names[0], f.names[len(f.names)-1])
	case err != nil:
		return fmt.Errorf("%q is no %s: write %d to %d", text, f.name, f.low, f.high)
	case n < f.low || n > f.high:
		return fmt.Errorf("%d is no %s: they go from %d to %d", n, f.name, f.low, f.high)
	}
	return nil
}
