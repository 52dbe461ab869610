package schedule

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// longest is how many characters a recurrence rule may have (Prefect: _internal/schemas/validators.py).
const longest = 6500

// RRule tells what is wrong with a recurrence rule, nil when the server takes it: one rule, or lines with DTSTART, RRULE, RDATE,
// EXDATE and EXRULE. Dates are looked at only roughly. (Prefect asks dateutil.)
func RRule(text string) error {
	lines := strings.Fields(strings.ToUpper(text))
	rules := 0
	for _, line := range lines {
		name, value, named := strings.Cut(line, ":")
		if !named {
			name, value = "RRULE", line
		}
		name, option, has := strings.Cut(name, ";")
		if has && (name == "RRULE" || name == "EXRULE") {
			return fmt.Errorf("%s takes no option %s", name, option)
		}
		var err error
		switch name {
		case "RRULE":
			rules++
			err = checkRule(value)
		case "EXRULE":
			err = checkRule(value)
		case "DTSTART", "RDATE", "EXDATE":
			err = dates(name, value)
		default:
			err = fmt.Errorf("there is no line %s: in a rule", name)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case len(text) > longest:
		return fmt.Errorf("it is %d characters long, and Prefect takes %d", len(text), longest)
	case rules == 0:
		return errors.New("it says no FREQ, such as FREQ=DAILY")
	}
	return nil
}

func dates(name, value string) error {
	for date := range strings.SplitSeq(value, ",") {
		if !strings.ContainsAny(date, "0123456789") {
			return fmt.Errorf("%s: %q is no date", name, date)
		}
	}
	return nil
}

// checkRule judges the pairs of one rule.
func checkRule(text string) error {
	text = strings.TrimPrefix(text, "RRULE:")
	hasFrequency := false
	for pair := range strings.SplitSeq(text, ";") {
		name, value, ok := strings.Cut(pair, "=")
		if !ok || strings.Contains(value, "=") {
			return fmt.Errorf("%q is no NAME=VALUE", pair)
		}
		hasFrequency = hasFrequency || name == "FREQ"
		if err := cronPart(name, value); err != nil {
			return err
		}
	}
	if !hasFrequency {
		return errors.New("it says no FREQ, such as FREQ=DAILY")
	}
	return nil
}

// weekday is MO, +1MO, -2FR or MO(+1).
var weekday = pattern.New(`^([+-]?[0-9]+)?(MO|TU|WE|TH|FR|SA|SU)(?:\(([+-]?[0-9]+)\))?$`)

func cronPart(name, value string) error {
	var ok bool
	switch name {
	case "FREQ":
		if ok = slices.Contains([]string{"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}, value); !ok {
			return fmt.Errorf("FREQ can't be %q; there are YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, MINUTELY and SECONDLY", value)
		}
	case "INTERVAL", "COUNT":
		ok = integers(value, false) && !strings.Contains(value, ",")
	case "BYSETPOS":
		ok = integers(value, true)
	case "BYMONTH", "BYMONTHDAY", "BYYEARDAY", "BYEASTER", "BYWEEKNO", "BYHOUR", "BYMINUTE", "BYSECOND":
		ok = integers(value, false)
	case "UNTIL":
		ok = dates(name, value) == nil
	case "WKST":
		m := weekday.FindStringSubmatch(value)
		ok = m != nil && m[1]+m[3] == ""
	case "BYDAY", "BYWEEKDAY":
		ok = weekdays(value)
	default:
		return fmt.Errorf("there is no %s in a rule", name)
	}
	if !ok {
		return fmt.Errorf("%s can't be %q", name, value)
	}
	return nil
}

// integers judges whole numbers between commas; position says that they name days of a year, from its front or end.
func integers(list string, position bool) bool {
	for text := range strings.SplitSeq(list, ",") {
		if i, err := strconv.Atoi(text); err != nil || position && (i == 0 || i < -366 || i > 366) {
			return false
		}
	}
	return true
}

func weekdays(list string) bool {
	for day := range strings.SplitSeq(list, ",") {
		m := weekday.FindStringSubmatch(day)
		if m == nil {
			return false
		}
		for _, count := range []string{m[1], m[3]} {
			if n, err := strconv.Atoi(count); count != "" && (err != nil || n == 0) {
				return false
			}
		}
	}
	return true
}
