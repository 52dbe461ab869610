//go:build unix

package targets

import (
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// TestRunUnattended starts runs that no worker takes: one that is given up in time, and one that crashes before it could write a word.
func TestRunUnattended(t *testing.T) {
	t.Parallel()
	const project = "unattended"
	s := newStage(t, project, 1, nil)
	a := s.run(t, 8, "flows:run", project+"-1", "-timeout=2s")
	for _, want := range []string{"the run did not end in the time allowed", "is a worker online? `mage verify:deployments` tells"} {
		if !strings.Contains(a.stderr, want) {
			t.Errorf("no %q in\n%s", want, a.stderr)
		}
	}
	r := s.start(t, "flows:run", project+"-1")
	r.stderr.await(t, "state Scheduled")
	_, page, _ := strings.Cut(r.stderr.String(), "/runs/flow-run/")
	id := strings.Fields(page)[0]
	crash := prefect.State{Type: prefect.StateCrashed, Name: "Crashed", Message: "Flow run infrastructure exited with non-zero status code 1."}
	if _, err := s.api.SetFlowRunState(t.Context(), id, crash, true); err != nil {
		t.Fatal(err)
	}
	if a := r.wait(t); a.code != 8 || !strings.Contains(a.stderr, "the run has left no error: its process ended before it reached the server") {
		t.Errorf("exit code %d\n%s", a.code, a.stderr)
	}
	s.run(t, 0, "deploy:clean", "-yes")
}
