//go:build unix

package targets

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// makes gives the lab with make in place of mage, and the compiled tool where the Makefile looks for it.
func (l *lab) makes(t *testing.T) *lab {
	t.Helper()
	prerequisite.Program(t, "make")
	for from, to := range map[string]string{l.mage: filepath.Join(".flowmage", "bin", "mage"), filepath.Join("..", "..", "Makefile"): "Makefile"} {
		target := filepath.Join(l.root, to)
		if err := os.MkdirAll(filepath.Dir(target), 0o700); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(from)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(target, text, 0o700); err != nil { // a copy: make takes no link for the tool
			t.Fatal(err)
		}
	}
	other := *l
	other.mage = "make"
	return &other
}

// typed starts a make target.
func (l *lab) typed(t *testing.T, args ...string) *running {
	t.Helper()
	return l.start(t, append([]string{"-s", "-o", ".flowmage/bin/mage"}, args...)...)
}

// TestSeedCommands types the commands that people know from before, on a real server, and looks at what they lead to: in Prefect's UI, on the
// server, and in the files that the flows write.
func TestSeedCommands(t *testing.T) {
	t.Parallel()
	prerequisite.Server(t)
	l := newLab(t).with("FLOWMAGE_PYTHON=" + prerequisite.Python(t))
	l.run(t, 0, "env:up")
	s := &stage{lab: *l.makes(t)}
	server, _ := l.status(t)
	s.connect(t, server.URL, s.auth(t))
	b := openBrowser(t, strings.TrimSuffix(server.URL, "/api")).enter(t, l)

	if a := s.typed(t, "serve-flows").wait(t); a.code != 0 || strings.Count(a.stdout, "new ") != 3 {
		t.Fatalf("exit code %d\n%s\n%s", a.code, a.stdout, a.stderr)
	}
	for _, ui := range []string{"", "/v2"} {
		b.shown(t, ui+"/flows", "rpa1", "rpa2", "rpa3")
	}
	if list := l.deployments(t); len(list) > 0 {
		t.Errorf("registering has made deployments: %v", list)
	}

	s.servedBy(t, "serve-deployments", "rpa1", "rpa2", "rpa3")
	for _, ui := range []string{"", "/v2"} {
		b.shown(t, ui+"/deployments", "rpa1-serve-dev", "rpa2-serve-dev", "rpa3-serve-dev", "flowmage:flowmage-samples/dev/serve")
	}
	for _, flow := range []string{"rpa1", "rpa2", "rpa3"} {
		s.servedBy(t, "serve-"+flow, flow)
	}

	l.run(t, 0, "deploy:all")
	w := s.typed(t, "start-worker")
	w.stderr.await(t, "for flowmage-samples-dev is online")
	a := s.typed(t, "run-and-register", "FLOW=rpa1", `PARAMS={"batch_size": 5}`).wait(t)
	if a.code != 0 || !strings.Contains(lastLine(a.stdout), "completed ") {
		t.Errorf("exit code %d\n%s\n%s", a.code, a.stdout, a.stderr)
	}
	w.signal(t, syscall.SIGTERM)
	w.wait(t)
}

// servedBy serves by a make target, runs each of the flows once, and ends it.
func (s *stage) servedBy(t *testing.T, target string, flows ...string) {
	t.Helper()
	r := s.typed(t, target)
	r.stderr.await(t, "ready: ")
	if n := strings.Count(r.stdout.String(), "serving "); n != len(flows) {
		t.Errorf("%s serves %d flows:\n%s", target, n, r.stdout)
	}
	ids := map[string]string{}
	for _, flow := range flows {
		ids[flow] = s.again(t, flow, nil)
	}
	for flow, id := range ids {
		s.awaitState(t, id, prefect.StateCompleted)
		files, err := filepath.Glob(filepath.Join(s.root, "flows", flow, "output", "*"))
		if err != nil || len(files) == 0 {
			t.Errorf("%s: %s has written nothing: %v", target, flow, err)
		}
		for _, file := range files {
			if err := os.RemoveAll(file); err != nil {
				t.Fatal(err)
			}
		}
	}
	r.signal(t, syscall.SIGTERM)
	if a := r.wait(t); strings.Contains(a.stderr, "exit code") {
		t.Errorf("%s: %s", target, a.stderr)
	}
}
