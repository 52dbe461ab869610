//go:build unix

package targets

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
)

const noted = `from prefect import flow
from prefect.artifacts import create_markdown_artifact

@flow(name="work-noted")
def noted(text: str = ""):
    create_markdown_artifact(text, key="work-noted")
`

const crashing = `from prefect import flow
import no_such_module

@flow(name="work-crashing")
def crashing():
    pass
`

// TestWork takes a worker through its life, and runs through it: a killed worker is started again, a run's reason is found, and what is
// listed is what was run.
func TestWork(t *testing.T) {
	t.Parallel()
	const project = "work"
	s := newStage(t, project, 1, map[string]string{"noted": noted, "crashing": crashing})
	flow := project + "-1"
	s.with("FLOWMAGE_PROJECT=work-without").run(t, 4, "env:worker") // there is no pool yet
	s.run(t, 0, "deploy:all")
	w := s.start(t, "env:worker", "-name=looked-after", "-limit=2")
	w.stderr.await(t, "the worker looked-after for work-dev is online")

	s.edit(t, "params.json", `{"text": "hello"}`)
	a := s.run(t, 0, "flows:run", "work-noted", "-params=@params.json", "-timeout=4m")
	if !strings.Contains(a.stderr, "artifact work-noted  http") || !strings.HasPrefix(lastLine(a.stdout), "completed ") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	a = s.run(t, 8, "flows:run", "work-crashing", "-timeout=4m")
	if !strings.Contains(a.stderr, "Process exited with a general error.\n         prefect.exceptions.ScriptError: Script at 'flows/crashing/workflow.py'") {
		t.Errorf("the reason is missing:\n%s", a.stderr)
	}
	s.run(t, 3, "flows:run", flow, "-kind=container")
	s.run(t, 2, "flows:run", flow, "-kind=image")

	kill(t, child(t, w))
	w.stderr.await(t, "it is started again in 1s")
	w.stderr.awaitTimes(t, "is online", 2)
	a = s.run(t, 0, "flows:run", flow, "-wait=false", "-json")
	var started struct{ ID string }
	_, object, _ := strings.Cut(a.stdout, "{")
	if err := json.Unmarshal([]byte("{"+object), &started); err != nil {
		t.Fatal(err, a.stdout)
	}
	s.awaitState(t, started.ID, prefect.StateCompleted)

	r := s.start(t, "flows:run", flow, `-params={"seconds": 60}`)
	r.stderr.await(t, "state Running")
	r.signal(t, syscall.SIGINT)
	if a := r.wait(t); a.code != 130 || !strings.Contains(a.stderr, "it goes on: http") {
		t.Errorf("exit code %d\n%s", a.code, a.stderr)
	}
	listing(t, s, started.ID)
	w.signal(t, syscall.SIGINT)
	if a := w.wait(t); a.code != 0 {
		t.Errorf("exit code %d\n%s", a.code, a.stderr)
	}
}

func listing(t *testing.T, s *stage, id string) {
	t.Helper()
	var list struct {
		Runs []struct{ ID, Flow, Type, Deployment string }
	}
	if err := json.Unmarshal([]byte(s.run(t, 0, "flows:runs", "-json").stdout), &list); err != nil {
		t.Fatal(err)
	}
	states := map[string]string{}
	for _, r := range list.Runs {
		if _, newer := states[r.Flow]; !newer {
			states[r.Flow] = r.Type
		}
		if r.ID == id && (r.Type != prefect.StateCompleted || r.Deployment != "work-1-python-dev") {
			t.Errorf("%+v", r)
		}
	}
	if states["work-noted"] != prefect.StateCompleted || states["work-crashing"] != prefect.StateCrashed || states["work-1"] == "" {
		t.Error(states)
	}
	if a := s.run(t, 0, "flows:runs", "-only=work-crashing", "-state=crashed", "-limit=1"); strings.Count(a.stdout, "\n") != 2 ||
		!strings.Contains(a.stdout, "Crashed") {
		t.Error(a.stdout)
	}
	s.run(t, 2, "flows:runs", "-state=gone")
}

// Logs are followed over the end of their process and the start of the next.
func TestFollowLogs(t *testing.T) {
	t.Parallel()
	l := &lab{root: t.TempDir(), mage: program(t), environ: clean()}
	l.edit(t, ".flowmage/logs/server.log", "one\n")
	r := l.start(t, "env:logs", "-follow")
	r.stdout.await(t, "server | one\n")
	file, err := os.OpenFile(filepath.Join(l.root, ".flowmage", "logs", "server.log"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // the test reads it
	if _, err := file.WriteString("two\nth"); err != nil {
		t.Fatal(err)
	}
	r.stdout.await(t, "server | two\n")
	l.edit(t, ".flowmage/logs/server.log", "new\n")
	r.stdout.await(t, "server | new\n")
	r.signal(t, syscall.SIGINT)
	if a := r.wait(t); a.code != 0 || a.stdout != "server | one\nserver | two\nserver | new\n" {
		t.Errorf("exit code %d\n%s\n%s", a.code, a.stdout, a.stderr)
	}
}
