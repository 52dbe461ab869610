package schedule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// field is one column of a cron rule.
type field struct {
	name        string
	least, most int
	names       []string // from least on
}

// columns gives the columns in Prefect's order: a sixth one is seconds, a seventh one years.
func columns() []field {
	return []field{
		{name: "minute", most: 59},
		{name: "hour", most: 23},
		{name: dayOfMonth, least: 1, most: 31},
		{name: "month", least: 1, most: 12, names: []string{"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}},
		{name: dayOfWeek, most: 6, names: []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}},
		{name: "second", most: 59},
		{name: "year", least: 1970, most: 2099},
	}
}

const (
	dayOfMonth         = "day of month"
	dayOfWeek          = "day of week"
	fewest             = 5 // columns
	columnsWithSeconds = 6 // columns, with seconds
	most               = 7 // columns, with years
)

// macro is one of the names for common rules.
var macro = pattern.New(`(?i)^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$`)

// Cron tells what is wrong with a cron rule, nil when the server takes it: five to seven columns, or a name such as @daily. (Prefect:
// _vendor/croniter, which the server asks.)
func Cron(text string) error {
	if macro.MatchString(text) {
		return nil
	}
	parts := strings.Fields(strings.ToLower(text))
	if strings.HasPrefix(text, "@") {
		return fmt.Errorf("there is no rule %q: the names are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually", text)
	}
	if len(parts) < fewest || len(parts) > most {
		return fmt.Errorf("it has %d columns, not 5: minute, hour, day of month, month, day of week", len(parts))
	}
	for i, part := range parts {
		if err := columns()[i].check(part, len(parts)); err != nil {
			return err
		}
	}
	return nil
}

// check judges one column of a rule with so many columns.
func (f field) check(part string, width int) error {
	switch {
	case part == "?" && (f.name == dayOfMonth || f.name == dayOfWeek):
		return nil
	case part == "h", part == "r", strings.HasPrefix(part, "h("), strings.HasPrefix(part, "h/"):
		return fmt.Errorf("%q stands for a random value, and Prefect takes none", part)
	}
	plain, counted := map[int]bool{}, map[int]bool{} // days of the week, without and with #
	for item := range strings.SplitSeq(part, ",") {
		days, nth, err := f.item(item, width)
		if err != nil {
			return err
		}
		for _, day := range days {
			if nth {
				counted[day] = true
			} else {
				plain[day] = true
			}
		}
	}
	if len(counted) == 0 {
		return nil
	}
	all := maps.Clone(plain)
	maps.Copy(all, counted)
	for day := range plain {
		if !counted[day] && len(all) <= f.most {
			return fmt.Errorf("%q mixes weekdays with and without #", part)
		}
	}
	return nil
}

// nthDay is fri#2, the second Friday, and lastDay is l5, the last one.
var (
	nthDay  = pattern.New(`^((?:[a-z]{3}-[a-z]{3})|\w+)#(\d+)$`)
	lastDay = pattern.New(`^l(\d+)$`)
	stepped = pattern.New(`^([^/]+)/(\d+)$`)
)

// item judges one of the values of a column that commas part. Of a day of the week it gives the days, and whether they are counted.
func (f field) item(item string, width int) (days []int, nth bool, err error) {
	if f.name == dayOfWeek {
		if m := nthDay.FindStringSubmatch(item); m != nil {
			if m[2] < "1" || m[2] > "5" || len(m[2]) > 1 {
				return nil, false, fmt.Errorf("%q: the number after # goes from 1 to 5", item)
			}
			item, nth = m[1], true
		} else if m := lastDay.FindStringSubmatch(item); m != nil {
			item, nth = m[1], true
		}
	}
	step := 1
	bare, hasStep := item, false
	if m := stepped.FindStringSubmatch(item); m != nil {
		if step, err = strconv.Atoi(m[2]); err != nil || step == 0 {
			return nil, nth, fmt.Errorf("the step of %q in the column %s must be 1 or more", item, f.name)
		}
		bare, hasStep = m[1], true
	}
	low, high, err := f.span(bare, hasStep, width)
	if err != nil {
		return nil, nth, err
	}
	if f.name != dayOfWeek || bare == "*" && !hasStep {
		return nil, nth, nil
	}
	return f.days(low, high, step), nth, nil
}

// span gives the bounds of a value, a range or a star.
func (f field) span(text string, hasStep bool, width int) (low, high int, err error) {
	if text == "*" {
		return f.least, f.most, nil
	}
	first, last, isRange := strings.Cut(text, "-")
	if low, err = f.value(first, width, !hasStep && !isRange); err != nil {
		return 0, 0, err
	}
	switch {
	case !isRange && hasStep:
		return low, f.most, nil
	case !isRange:
		return low, low, nil
	case last == "l" && f.name == dayOfMonth:
		return low, f.most, nil
	}
	if high, err = f.value(last, width, false); err != nil {
		return 0, 0, err
	}
	if low == high { // the whole cycle
		return f.least, f.most, nil
	}
	return low, high, nil
}

func (f field) value(text string, width int, alone bool) (int, error) {
	if alone && text == "l" && f.name == dayOfMonth {
		return f.most, nil
	}
	bad := fmt.Errorf("%q is nothing for the column %s: it goes from %d to %d", text, f.name, f.least, f.most)
	if i := slices.Index(f.names, text); i >= 0 {
		return f.least + i, nil
	}
	n, err := strconv.Atoi(text)
	switch {
	case err != nil, strings.Trim(text, "0123456789") != "": // a sign
		return 0, bad
	case f.name == dayOfWeek && n == 7 && width == fewest:
		return 0, nil // Sunday
	case f.name == dayOfMonth && n == 0 && width == columnsWithSeconds:
		return 1, nil
	case n < f.least || n > f.most:
		return 0, bad
	}
	return n, nil
}

// days gives the days of a range, which may lead over the end of the week.
func (f field) days(low, high, step int) []int {
	if high < low {
		high += f.most + 1
	}
	var out []int
	for day := low; day <= high; day += step {
		out = append(out, day%(f.most+1))
	}
	return out
}
