package schedule_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/schedule"
)

// judge is what Prefect's server asks of each rule.
const judge = `
import json, sys
from prefect._internal.schemas.validators import validate_cron_string, validate_rrule_string
def ok(check, text):
    try:
        check(text)
        return True
    except (ValueError, TypeError, IndexError):
        return False
given = json.load(sys.stdin)
print(json.dumps([[ok(validate_cron_string, x) for x in given["cron"]], [ok(validate_rrule_string, x) for x in given["rrule"]]]))
`

// TestAsPrefect compares our judgement of rules, hand-made and generated, with that of the validators in Prefect's server.
func TestAsPrefect(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	size := prerequisite.Size(2000, 40_000)
	crons, rules := crons(size), rrules(size)
	given, err := json.Marshal(map[string]any{"cron": crons, "rrule": rules})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", judge)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(given)), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var want [2][]bool
	if err := json.Unmarshal(out, &want); err != nil {
		t.Fatal(err)
	}
	compare(t, crons, want[0], schedule.Cron)
	compare(t, rules, want[1], schedule.RRule)
}

func compare(t *testing.T, texts []string, want []bool, check func(string) error) {
	t.Helper()
	taken := 0
	for i, text := range texts {
		err := check(text)
		if want[i] {
			taken++
		}
		if (err == nil) != want[i] {
			t.Errorf("%q: Prefect takes it: %t; we say %v", text, want[i], err)
		}
	}
	if taken < len(texts)/20 || taken > len(texts)*19/20 {
		t.Errorf("%d of %d are taken: that tells little", taken, len(texts))
	}
}

// crons gives rules by hand and made of pieces.
func crons(size int) []string {
	out := []string{
		"0 6 * * *", "@daily", "@HOURLY", "@reboot", " @daily", "* * * *", "* * * * * *", "* * * * * * *", "* * * * * * * *", "", "*/0 * * * *", "0 24 * * *",
		"0 0 0 * *", "0 0 32 * *", "0 0 1 13 *", "0 0 * * 8", "0 0 * * 7", "0 0 * * 7 0", "0 0 0 * * 0", "0 0 31 2 *", "0 0 l * *", "0 0 L * *", "0 0 15w * *",
		"0 0 ? * ?", "? * * * *", "0 0 ?,1 * *", "0 0 * * fri#2", "0 0 * * fri#6", "0 0 * * l5", "0 0 * * mon,fri#2", "0 0 * * mon-fri#1", "0 0 * jan-mar mon",
		"0 22-2 * * *", "0 0 * nov-feb *", "0 0 5-l * *", "0 0 * * sat-mon", "h * * * *", "r * * * *", "60 * * * *", "-1 * * * *", "1- * * * *", "1,,2 * * * *",
		"5/15 * * * *", "1-5/2 * * * *", "*-5 * * * *", "1.5 * * * *", "* * * * mon#x", "* * * jan,13 *", "* * * * * 60", "* * * * * 0 1969", "* * * * * 0 2030",
	}
	r := rand.New(rand.NewPCG(1, 7))
	pieces := strings.Split("* * * * 0 1 5 7 12 23 31 59 60 */5 */0 1-5 5-1 0-6 1-5/2 mon fri mon-fri jan dec jan-mar fri#2 l l5 ? 2/3 1,2 mon,wed 2#1,3#1 x 0 13 24", " ")
	for range size {
		n := 5
		if r.IntN(5) == 0 {
			n = 4 + r.IntN(4)
		}
		parts := make([]string, n)
		for i := range parts {
			if parts[i] = pieces[r.IntN(len(pieces))]; r.IntN(3) > 0 {
				parts[i] = pieces[r.IntN(7)]
			}
		}
		out = append(out, strings.Join(parts, " "))
	}
	return out
}

func rrules(size int) []string {
	out := []string{
		"FREQ=DAILY", "freq=daily", "RRULE:FREQ=DAILY", "FREQ=DAILY;", "FREQ=DAYLY", "INTERVAL=2", "FREQ=DAILY;COUNT", "FREQ=DAILY;COUNT=x", "FREQ=WEEKLY;BYDAY=MO,TU",
		"FREQ=MONTHLY;BYDAY=+1MO", "FREQ=MONTHLY;BYDAY=MO(+1)", "FREQ=MONTHLY;BYDAY=0MO", "FREQ=WEEKLY;BYDAY=", "FREQ=WEEKLY;BYDAY=XX", "FREQ=DAILY;UNTIL=20300101T000000",
		"FREQ=DAILY;UNTIL=never", "DTSTART:20200101T000000\nRRULE:FREQ=DAILY", "DTSTART:soon\nRRULE:FREQ=DAILY", "DTSTART:20200101T000000", "EVERY:DAY", "every day", "",
		"FREQ=DAILY;FOO=1", "FREQ=DAILY;WKST=MO", "FREQ=DAILY;BYHOUR=6,18", "FREQ=DAILY;WKST=1MO", "FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=-1", "FREQ=DAILY;BYSETPOS=0", "FREQ=DAILY;BYSETPOS=1;BYHOUR=1",
		"RRULE:FREQ=DAILY\nEXDATE:20200101T000000", "RRULE;X=1:FREQ=DAILY\nRRULE:FREQ=DAILY", "FREQ=DAILY " + strings.Repeat("RDATE:20200101T000000 ", 400),
		"DTSTART;TZID=Europe/Berlin:20200101T000000\nRRULE:FREQ=DAILY",
	}
	r := rand.New(rand.NewPCG(2, 7))
	freqs := strings.Split("DAILY WEEKLY MONTHLY YEARLY HOURLY MINUTELY SECONDLY FORTNIGHTLY", " ")
	more := strings.Split("INTERVAL=2 COUNT=3 INTERVAL=x BYDAY=MO BYDAY=MO,-1FR BYDAY=X BYMONTH=1 BYMONTHDAY=1,15 BYMINUTE=a WKST=SU BYWEEKNO=1 NAME=1 UNTIL=20301231 BYEASTER=0 BYYEARDAY=100", " ")
	for range size {
		pairs := []string{"FREQ=" + freqs[r.IntN(len(freqs))]}
		for range r.IntN(4) {
			pairs = append(pairs, more[r.IntN(len(more))])
		}
		text := strings.Join(pairs, ";")
		if r.IntN(8) == 0 {
			text = fmt.Sprintf("DTSTART:2024010%dT000000\nRRULE:%s", 1+r.IntN(9), text)
		}
		out = append(out, text)
	}
	return out
}

// TestSays shows the words for the commonest mistakes.
func TestSays(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"0 6 * *":     "it has 4 columns, not 5: minute, hour, day of month, month, day of week",
		"0 25 * * *":  `"25" is nothing for the column hour: it goes from 0 to 23`,
		"*/0 * * * *": `the step of "*/0" in the column minute must be 1 or more`,
		"@reboot":     `there is no rule "@reboot": the names are @hourly, @daily, @midnight, @weekly, @monthly, @yearly and @annually`,
	} {
		if err := schedule.Cron(text); err == nil || err.Error() != want {
			t.Errorf("%s: %v", text, err)
		}
	}
	if err := schedule.RRule("FREQ=DAYLY"); err == nil || !strings.HasPrefix(err.Error(), `FREQ can't be "DAYLY"`) {
		t.Error(err)
	}
}

// TestOtherTexts covers what the differential test leaves out.
func TestOtherTexts(t *testing.T) {
	t.Parallel()
	interval := func(text string) bool {
		_, ok := schedule.Interval(text)
		return ok
	}
	for _, c := range []struct {
		judge     func(string) bool
		good, bad []string
	}{
		{schedule.Zone, []string{"Europe/Berlin", "UTC", "America/Argentina/Buenos_Aires"}, []string{"Europe/Berln", "Local", "CEST", ""}},
		{interval, []string{"PT1H", "P1DT12H", "PT0.5S", "1:00:00", "2 days, 3:00:00", "P1W"}, []string{"hourly", "1h", "P", ""}},
		{
			schedule.Moment,
			[]string{"2026-01-01T00:00:00Z", "2026-01-01T00:00:00+02:00", "2026-01-01 06:00:00", "2026-01-01", "2026-01-01T06:00"},
			[]string{"tomorrow", "2026-13-01", "01.02.2026", ""},
		},
	} {
		for _, text := range c.good {
			if !c.judge(text) {
				t.Errorf("%q is refused", text)
			}
		}
		for _, text := range c.bad {
			if c.judge(text) {
				t.Errorf("%q is taken", text)
			}
		}
	}
}

func FuzzRules(f *testing.F) {
	for _, text := range append(crons(20), rrules(20)...) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		for _, err := range []error{schedule.Cron(text), schedule.RRule(text)} {
			if err != nil && err.Error() == "" {
				t.Error("no words")
			}
		}
	})
}
