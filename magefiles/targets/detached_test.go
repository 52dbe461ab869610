//go:build unix

package targets

import (
	"encoding/json"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestDetachedWorker kills a worker in the background again and again: it is started anew, later each time; the run that it had taken is
// named; and when its keeper is killed it goes too. env:status, env:logs and env:down know all of it.
func TestDetachedWorker(t *testing.T) {
	t.Parallel()
	const project = "detached"
	s := newOwnStage(t, project, 1, nil)
	flow := project + "-1"
	s.run(t, 0, "deploy:all")
	s.run(t, 0, "env:worker", "-detach")
	first := s.keptWorker(t, 0)

	d, err := s.api.DeploymentByName(t.Context(), flow, flow+"-python-dev")
	if err != nil {
		t.Fatal(err)
	}
	release := s.hold(t, flow)
	run, err := s.api.CreateFlowRun(t.Context(), d.ID, prefect.FlowRunRequest{})
	if err != nil {
		t.Fatal(err)
	}
	s.awaitState(t, run.ID, prefect.StatePending)
	family(t, first.WorkerPID)
	killed := time.Now()
	release()
	second := s.keptWorker(t, first.WorkerPID)
	await(t, "the run that it had taken is named", naming(killed), func() bool {
		return leftBehind(t, s.run(t, 0, "env:status", "-json").stdout)[run.ID]
	})
	s.run(t, 0, "flows:reschedule", "-yes")
	s.awaitState(t, run.ID, prefect.StateCompleted)
	if n := s.lines(t, flow+".done"); n != 1 {
		t.Errorf("the run was done %d times", n)
	}
	kill(t, second.WorkerPID)
	third := s.keptWorker(t, second.WorkerPID)
	if third.PID != first.PID {
		t.Errorf("another keeper: %d, before %d", third.PID, first.PID)
	}
	a := s.run(t, 0, "env:logs", "-only=worker", "-lines=100")
	for _, want := range []string{"(exit code -9); it is started again in 1 s", "(exit code -9); it is started again in "} {
		if !strings.Contains(a.stdout, want) {
			t.Errorf("the log lacks %q:\n%s", want, a.stdout)
		}
	}

	if prerequisite.Full() { // it takes two and a half minutes until a silent worker is given up
		if err := syscall.Kill(third.WorkerPID, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		fell := time.Now()
		third = s.keptWorker(t, third.WorkerPID)
		t.Logf("a worker that fell silent is replaced after %.0f s", time.Since(fell).Seconds())
	}
	kill(t, third.PID)
	await(t, "the worker has ended with its keeper", hangs, func() bool { return syscall.Kill(third.WorkerPID, 0) != nil })
	s.run(t, 0, "env:worker", "-detach")
	last := s.keptWorker(t, 0)
	s.run(t, 0, "env:down")
	for _, pid := range []int{last.PID, last.WorkerPID} {
		await(t, "env:down has ended it", 10*time.Second, func() bool { return syscall.Kill(pid, 0) != nil })
	}
}

type kept struct {
	PID       int
	WorkerPID int `json:"worker_pid"`
}

// keptWorker waits until env:status shows a worker whose process is another than before.
func (s *stage) keptWorker(t *testing.T, before int) kept {
	t.Helper()
	var status struct{ Workers []kept }
	await(t, "the worker is started again", hangs, func() bool {
		if err := json.Unmarshal([]byte(s.run(t, 0, "env:status", "-json").stdout), &status); err != nil {
			t.Fatal(err)
		}
		return len(status.Workers) == 1 && status.Workers[0].WorkerPID != 0 && status.Workers[0].WorkerPID != before
	})
	return status.Workers[0]
}
