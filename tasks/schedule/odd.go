package schedule

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// calendar is an ISO-8601 duration with years or months, which have no fixed length.
var calendar = pattern.New(`^P(?:\d+(?:\.\d+)?Y)?(?:\d+(?:\.\d+)?M)?(?:\d+(?:\.\d+)?W)?(?:\d+(?:\.\d+)?D)?(?:T.+)?$`)

// The functions below tell what is odd about a text, in words that go on behind it; "" where nothing is.

// Calendar tells what is wrong with an interval of months or years: Prefect takes 30 days for a month and 365 for a year, and the
// runs wander away from the day that is meant.
func Calendar(text string) (message, fix string) {
	date, _, _ := strings.Cut(text, "T")
	if !calendar.MatchString(text) || !strings.ContainsAny(date, "YM") {
		return "", ""
	}
	unit, days := "month", 30
	if strings.Contains(date, "Y") {
		unit, days = "year", 365
	}
	return fmt.Sprintf("is no interval: a %s has no fixed length, and Prefect takes %d days for one", unit, days),
		fmt.Sprintf("write P%dD if that is meant; else a cron rule, such as \"0 0 1 * *\" for the first of each month", days)
}

// Seconds tells of a cron rule with a sixth column: in Prefect that is seconds, though it stands last, and not first as elsewhere.
func Seconds(cron string) (message, fix string) {
	parts := strings.Fields(cron)
	if len(parts) != columnsWithSeconds || Cron(cron) != nil {
		return "", ""
	}
	return fmt.Sprintf("has six columns, of which Prefect takes the last for seconds: minute %s, hour %s, day %s, month %s, weekday %s, second %s",
			parts[0], parts[1], parts[2], parts[3], parts[4], parts[5]),
		"write five columns: minute, hour, day of month, month, day of week"
}

// longestMonths are the days that each month has at most.
func longestMonths() [12]int { return [12]int{31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31} }

// Never tells of a cron rule for days that there are in none of its months. Prefect takes it, and looks for its next run in vain.
func Never(cron string) (message, fix string) {
	parts := strings.Fields(strings.ToLower(cron))
	if len(parts) < fewest || Cron(cron) != nil {
		return "", ""
	}
	days, sure := values(columns()[2], parts[2])
	months, all := values(columns()[3], parts[3])
	if !sure || !all {
		return "", ""
	}
	for month := range months {
		for day := range days {
			if day <= longestMonths()[month-1] {
				return "", ""
			}
		}
	}
	return "never fires: there is no such day in any of its months", "write a day that there is; the last of each month is \"0 6 l * *\""
}

// values gives what a column lists; false where that can't be told, as of the last day of a month.
func values(f field, column string) (out map[int]bool, ok bool) {
	out = map[int]bool{}
	for item := range strings.SplitSeq(column, ",") {
		bare, step := item, 1
		if m := stepped.FindStringSubmatch(item); m != nil {
			bare = m[1]
			step, _ = strconv.Atoi(m[2])
		}
		if bare == "?" || bare == "l" || step < 1 {
			return nil, false
		}
		low, high, err := f.span(bare, bare != item, fewest)
		if err != nil {
			return nil, false
		}
		if low > high { // over the end, and on from the beginning
			high += f.most
		}
		for v := low; v <= high; v += step {
			out[(v-1)%f.most+1] = true
		}
	}
	return out, true
}
