//go:build unix

package targets

import (
	"context"
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestServeOutage kills what stands behind served flows, one of which can't be loaded: the server, while a run is under way, and the program
// that serves together with the run that it has just taken. All others are served on, no run is done twice, and the run that nobody works
// on is named within 90 s.
func TestServeOutage(t *testing.T) {
	t.Parallel()
	const project = "outage"
	count := prerequisite.Size(3, 23)
	s := newOwnStage(t, project, count, map[string]string{
		"broken": "from prefect import flow\n\nraise RuntimeError('no licence')\n\n@flow\ndef broken():\n    pass\n",
	})
	r := s.start(t, "flows:serve", "-limit=3")
	r.stderr.await(t, fmt.Sprintf("ready: %d served flows", count))
	s.over(t, s.beginAll(t, project, count))
	s.killServer(t, r, project, count)
	s.killRunner(t, r, project, count)
	r.signal(t, syscall.SIGTERM)
	if a := r.wait(t); a.code != 3 {
		t.Errorf("exit code %d\n%s", a.code, a.stderr)
	}
	for i := range count {
		name, want := fmt.Sprintf("%s-%d", project, i+1), 3
		if i < 2 {
			want = 4
		}
		if begun, done := s.lines(t, name+".begun"), s.lines(t, name+".done"); begun != want || done != want {
			t.Errorf("%s: %d runs begun and %d done, want %d", name, begun, done, want)
		}
	}
}

// beginAll begins a run of each flow.
func (s *stage) beginAll(t *testing.T, project string, count int) []string {
	t.Helper()
	var ids []string
	for i := range count {
		ids = append(ids, s.again(t, fmt.Sprintf("%s-%d", project, i+1), nil))
	}
	return ids
}

// over waits until all of the runs have completed.
func (s *stage) over(t *testing.T, ids []string) {
	t.Helper()
	for _, id := range ids {
		s.awaitState(t, id, prefect.StateCompleted)
	}
}

// killServer kills the server while the first flow runs, and starts it again when its absence has been noticed.
func (s *stage) killServer(t *testing.T, r *running, project string, count int) {
	t.Helper()
	release := s.stay(t, project+"-1")
	id := s.again(t, project+"-1", nil)
	s.awaitState(t, id, prefect.StateRunning)
	server, _ := s.status(t)
	kill(t, server.PID)
	r.stderr.await(t, "the server does not answer")
	s.run(t, 0, "env:up")
	r.stderr.await(t, "the server answers again")
	r.stderr.awaitTimes(t, "ready: ", 2)
	release()
	s.over(t, append(s.beginAll(t, project, count), id))
}

// killRunner kills the program that serves and the run of the second flow that it has just taken.
func (s *stage) killRunner(t *testing.T, r *running, project string, count int) {
	t.Helper()
	release := s.hold(t, project+"-2")
	id := s.again(t, project+"-2", nil)
	s.awaitState(t, id, prefect.StatePending)
	family(t, child(t, r))
	killed := time.Now()
	release()
	r.stderr.awaitTimes(t, "ready: ", 3)
	others := s.beginAll(t, project, count)
	t.Cleanup(func() {
		if t.Failed() {
			run, err := s.api.FlowRun(context.WithoutCancel(t.Context()), id)
			t.Logf("the run of the dead runner is %+v, %v", run.State, err)
		}
	})
	for _, command := range [][]string{{"env:status", "-json"}, {"deploy:status", "-json"}} {
		await(t, command[0]+" names the run", naming(killed), func() bool {
			return leftBehind(t, s.run(t, 0, command...).stdout)[id]
		})
		t.Logf("%s names the run %.0f s after its runner's death", command[0], time.Since(killed).Seconds())
	}
	if found := s.diagnosis(t); !strings.Contains(found, "error run-left: ") {
		t.Errorf("env:doctor does not name it:\n%s", found)
	}
	s.run(t, 0, "flows:reschedule", "-yes")
	s.over(t, append(others, id))
}
