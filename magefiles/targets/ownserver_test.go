//go:build unix

package targets

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestOwnServer deploys to a server of the user's own, which may be an older release: everything about deployments as [TestEndToEnd]
// has it, without what only the embedded environment has.
func TestOwnServer(t *testing.T) { //nolint:tparallel // the steps build on each other
	t.Parallel()
	server, err := prerequisite.Launch(t.Context(), prerequisite.ServerPython(t), t.TempDir(), []string{"PYTHONTZPATH="})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Stop)
	l := newLab(t).with("PREFECT_API_URL=" + server.API)
	l.api = server.API
	for _, step := range []struct {
		name string
		do   func(*testing.T, *lab)
	}{
		{"first deploy", firstDeploy},
		{"unchanged", unchanged},
		{"one parameter", oneParameter},
		{"status and history", statusAndHistory},
		{"rollback", rollingBack},
		{"a plan on disk", planOnDisk},
		{"adopt and unlock", adopting},
		{"a manifest written by hand", writtenByHand},
		{"a write that fails", failedWrite},
		{"two deploys at once", twoAtOnce},
		{"a broken flow blocks itself", brokenFlow},
		{"a flow that is gone", goneFlow},
		{"pool of the wrong type", wrongPool},
		{"clean", cleaning},
	} {
		if !t.Run(step.name, func(t *testing.T) { step.do(t, l) }) {
			t.FailNow()
		}
	}
}
