//go:build unix

package targets

import (
	"strings"
	"syscall"
	"testing"
)

// TestVerifyWatch edits what is watched: flows, settings, requirements, and a folder that was not there. What can change nothing is no reason to check again.
func TestVerifyWatch(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	r := l.start(t, "verify:watch")
	r.stderr.await(t, "checked in ")
	times := 1
	for _, c := range []struct{ file, text, says string }{
		{"flows/rpa1/broken.py", "def x(:\n", "python-syntax"},
		{"flows/rpa1/broken.py", "x = 1\n", "ok "},
		{"envs/dev.yaml", "colour: red\n", "key-unknown"},
		{"envs/dev.yaml", "", "ok "},
		{"flows/rpa1/requirements.txt", "no such line ?\n", "requirements-unreadable"},
		{"flows/rpa1/requirements.txt", "", "ok "},
	} {
		l.edit(t, "flows/rpa1/report.csv", c.text)
		said := r.stderr.String() + r.stdout.String()
		l.edit(t, c.file, c.text)
		times++
		r.stderr.awaitTimes(t, "checked in ", times)
		if news := strings.TrimPrefix(r.stderr.String(), said); !strings.Contains(news+r.stdout.String(), c.says) || !strings.Contains(news, c.file+" has changed") {
			t.Errorf("%s: never said %q:\n%s", c.file, c.says, news)
		}
	}
	if got := strings.Count(r.stderr.String(), "checked in "); got != times {
		t.Errorf("%d times checked, want %d:\n%s", got, times, r.stderr)
	}
	l.edit(t, "flows/new/workflow.py", "from prefect import flow\n\n\n@flow(name=\"rpa1\")\ndef again():\n    pass\n")
	r.stderr.await(t, "flow-name-duplicate")
	r.signal(t, syscall.SIGINT)
	if a := r.wait(t); a.code != 0 {
		t.Errorf("exit code %d:\n%s", a.code, a.stderr)
	}
	if a := l.run(t, 2, "verify:watch", "-env=nowhere"); strings.Contains(a.stderr, "checked in ") {
		t.Error(a.stderr)
	}
}
