package schedule_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/flowmage/flowmage/tasks/schedule"
)

// judged are texts by form. What is true is what we say; TestAsPrefect holds it against Prefect.
var judged = map[string]map[string]bool{
	"cron": {
		"0 6 * * 1-5": true, "*/15 8-18 * * mon-fri": true, "0 0 31 2 *": true, "50-10 22-2 * nov-feb sat-mon": true, "* * * * 7": true,
		"* * L * *": true, "* * * * L5": true, "* * * * fri#2": true, "* * ? * ?": true, "@daily": true, "@HOURLY": true, "0 0 6 * * *": true,
		"0 0 6 * * * 2026": true, "1,2,3 * 1,15 JAN Mon": true, "5/15 * * * *": true, "*/61 * * * *": true, "  0 6 * * * ": true, "0-59/70 * * * *": true,
		"*/0 * * * *": false, "0 24 * * *": false, "60 * * * *": false, "0 0 0 * *": false, "0 0 32 * *": false, "* * * 13 *": false, "* * * 0 *": false,
		"* * * * 8": false, "@reboot": false, "0 0 15W * *": false, "H * * * *": false, "R * * * *": false, "*/5/2 * * * *": false, ", * * * *": false,
		"1, * * * *": false, "- * * * *": false, "1- * * * *": false, "* * * * mon#6": false, "a * * * *": false, "1-a * * * *": false, "* * * january *": false,
		"*-5 * * * *": false, "0 6 * *": false, "": false, "0 6 * * * * * *": false, "1.5 * * * *": false, "-1 * * * *": false, "* * * mon *": false,
		"* * * * jan": false, "*/x * * * *": false, "* * * * *#2": false, "? * * * *": false, "L * * * *": false, "* * * * L8": false,
	},
	"rrule": {
		"FREQ=DAILY": true, "freq=daily": true, "RRULE:FREQ=DAILY": true, "DTSTART:20240101T000000Z\nRRULE:FREQ=DAILY": true,
		"FREQ=WEEKLY;BYDAY=MO,WE;INTERVAL=2": true, "FREQ=MONTHLY;BYDAY=1MO;BYSETPOS=1": true, "FREQ=DAILY;COUNT=3": true, "FREQ=MONTHLY;BYMONTHDAY=-1": true,
		"FREQ=DAILY;UNTIL=20260101T000000Z": true, "DTSTART:20240101T000000Z\nRRULE:FREQ=DAILY\nEXDATE:20240102T000000Z": true,
		"FREQ=X": false, "DAILY": false, "FREQ=DAILY;COUNT=x": false, "FREQ=DAILY;FOO=1": false, "INTERVAL=2": false, "FREQ=DAILY;BYDAY=MO,XX": false,
		"FREQ=DAILY;UNTIL=foo": false, "": false, "FREQ=DAILY;BYHOUR=25": false, "every day": false, "FREQ=": false, "FREQ=DAILY;": false,
	},
	"timezone": {"Europe/Berlin": true, "UTC": true, "America/Argentina/Buenos_Aires": true, "Europe/Berln": false, "Local": false, "CEST": false},
	"interval": {
		"PT1H": true, "P1DT12H": true, "PT0.5S": true, "1:00:00": true, "2 days, 3:00:00": true, "P1W": true, "hourly": false, "1h": false, "P": false, "": false,
	},
	"anchor": {
		"2026-01-01T00:00:00Z": true, "2026-01-01T00:00:00+02:00": true, "2026-01-01 06:00:00": true, "2026-01-01": true, "2026-01-01T06:00": true,
		"tomorrow": false, "2026-13-01": false, "01.02.2026": false, "": false,
	},
}

func ours(form, text string) bool {
	switch form {
	case "cron":
		return schedule.Cron(text) == nil
	case "rrule":
		return schedule.Rule(text) == nil
	case "timezone":
		return schedule.Zone(text)
	case "anchor":
		return schedule.Moment(text)
	default:
		_, ok := schedule.Interval(text)
		return ok
	}
}

func TestJudged(t *testing.T) {
	t.Parallel()
	for form, texts := range judged {
		for text, want := range texts {
			if got := ours(form, text); got != want {
				t.Errorf("%s %q: %v", form, text, got)
			}
		}
	}
}

// TestAsPrefect asks the real Prefect about the same texts.
func TestAsPrefect(t *testing.T) {
	t.Parallel()
	interpreter := os.Getenv("FLOWMAGE_TEST_PYTHON")
	if interpreter == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("FLOWMAGE_TEST_PYTHON is not set; run make test")
		}
		t.Skip("FLOWMAGE_TEST_PYTHON is not set; make test sets it")
	}
	var cases [][2]string
	for form, texts := range judged {
		for text := range texts {
			cases = append(cases, [2]string{form, text})
		}
	}
	in, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), interpreter, filepath.Join("testdata", "judge.py"))
	cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs []bool
	if err := json.Unmarshal(out, &theirs); err != nil || len(theirs) != len(cases) {
		t.Fatal(err, len(theirs))
	}
	for i, c := range cases {
		if got := ours(c[0], c[1]); got != theirs[i] {
			t.Errorf("%s %q: we say %v, Prefect %v", c[0], c[1], got, theirs[i])
		}
	}
}

func FuzzCron(f *testing.F) {
	for text := range judged["cron"] {
		f.Add(text)
	}
	f.Fuzz(func(_ *testing.T, text string) {
		_, _ = schedule.Cron(text), schedule.Rule(text) // must end
		schedule.Interval(text)
		schedule.Moment(text)
	})
}
