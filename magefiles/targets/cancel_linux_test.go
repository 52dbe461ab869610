package targets

import (
	"io"
	"os/exec"
	"slices"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestCancelOnTerminal follows a run on a terminal, types Ctrl-C there, and says yes to cancelling it.
func TestCancelOnTerminal(t *testing.T) {
	t.Parallel()
	script := prerequisite.Program(t, "script") // gives a program a terminal
	const project = "cancel"
	s := newStage(t, project, 1, nil)
	r := &running{cmd: exec.CommandContext(t.Context(), script, "-qec", s.mage+" flows:run "+project+"-1", "/dev/null"), stdout: newStream()}
	r.cmd.Dir, r.cmd.Env, r.cmd.Stdout = s.root, slices.Concat(s.environ, []string{"TERM=dumb"}), r.stdout
	keys, err := r.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct{ says, typed string }{{"state Scheduled", "\x03"}, {"too? [y/N]", "y\n"}} {
		r.stdout.await(t, step.says)
		if _, err := io.WriteString(keys, step.typed); err != nil {
			t.Fatal(err)
		}
	}
	r.stdout.await(t, "is being cancelled")
	if err := r.cmd.Wait(); err == nil || r.cmd.ProcessState.ExitCode() != 130 {
		t.Errorf("exit code %d\n%s", r.cmd.ProcessState.ExitCode(), r.stdout)
	}
	d, err := s.api.DeploymentByName(t.Context(), project+"-1", project+"-1-python-dev")
	if err != nil {
		t.Fatal(err)
	}
	runs, err := s.api.FlowRuns(t.Context(), prefect.FlowRunFilter{DeploymentIDs: []string{d.ID}, Limit: 1})
	if err != nil || len(runs) != 1 || runs[0].State.Type != prefect.StateCancelled {
		t.Errorf("%v %v", runs, err)
	}
	s.run(t, 0, "deploy:clean", "-yes")
}
