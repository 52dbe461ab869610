package doctor_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/doctor"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
)

// printed gives what a function prints, each run of spaces as one.
func printed(t *testing.T, show func(*session.Session) error) []string {
	t.Helper()
	var out bytes.Buffer
	if err := show(&session.Session{Console: console.New(&out, &bytes.Buffer{})}); err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(out.String()) {
		if line = strings.Join(strings.Fields(line), " "); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

// The page shows every fact that is known, and what is wrong below.
func TestPage(t *testing.T) {
	t.Parallel()
	f := healthy()
	f.Version, f.Commit, f.System, f.Server, f.Origin = "1.2.3", "abc123", "linux/amd64", "http://x/api", "envs/prod.yaml"
	f.Embedded, f.Database, f.Unknown = &doctor.Embedded{State: "running"}, "SQLite", []string{"the lock: no answer"}
	f.Tools[1].Problem = "not on the PATH"
	f.Rungs = append(f.Rungs, ladder.Rung{Name: "x", State: ladder.Skipped})
	want := []string{
		"flowmage 1.2.3", "environment prod, abc123, linux/amd64", "server http://x/api running (envs/prod.yaml)", "Prefect 3.8.8", "database SQLite", "git 2.39", "docker not on the PATH",
		"python 3.12.1", "disk /: 50.0 GiB free", "clock the server's differs by 0.3 s", "ladder 1 ok, 0 warnings, 0 failed, 1 skipped", "not known the lock: no answer", "nothing is wrong",
	}
	if diff := cmp.Diff(want, printed(t, func(s *session.Session) error { return doctor.Print(s, f, nil) })); diff != "" {
		t.Error(diff)
	}
	lines := printed(t, func(s *session.Session) error {
		return doctor.Print(s, doctor.Facts{}, finding.List{{Severity: finding.Error, Code: "disk-full", Message: "no room"}})
	})
	if last := lines[len(lines)-1]; !strings.Contains(last, "no room") || strings.Contains(strings.Join(lines, " "), "clock") {
		t.Errorf("%q", lines)
	}
}

// A status names what runs, what is being started again, and the runs that nobody works on.
func TestStatus(t *testing.T) {
	t.Parallel()
	since := time.Date(2030, 1, 1, 12, 0, 0, 0, time.Local)
	st := doctor.Status{Unknown: "no answer", Orphans: []run.Orphan{{ID: "1", Name: "fox", State: "RUNNING", Since: since, Why: "its worker w is gone", Begun: true}}}
	st.Python.Problem, st.Server.State = "not installed", local.Stopped
	st.Workers = []local.Process{{Name: "worker-a", PID: 7, WorkerPID: 8, Started: since, Log: "a.log"}, {Name: "worker-b", PID: 9, Started: since, Log: "b.log"}}
	want := []string{
		"python not installed", "server stopped", "worker running worker-a (pid 7 since 2030-01-01 12:00:00, log a.log)",
		"worker is being started again worker-b (pid 9 since 2030-01-01 12:00:00, log b.log)", "runs not known: no answer",
		"runs 1 run left behind; mage flows:reschedule -env=dev", "fox (1): RUNNING since 2030-01-01 12:00:00, its worker w is gone; it had begun",
	}
	if diff := cmp.Diff(want, printed(t, func(s *session.Session) error { return st.Print(s, "dev") })); diff != "" {
		t.Error(diff)
	}
	none := printed(t, func(s *session.Session) error { return doctor.Status{}.Print(s, "dev") })
	if last := none[len(none)-1]; last != "worker stopped" {
		t.Errorf("%q", none)
	}
}
