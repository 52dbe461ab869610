//go:build unix

package targets

import (
	"slices"
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
	l.through(t, slices.Concat([]step{
		{"first deploy", firstDeploy},
		{"unchanged", unchanged},
		{"one parameter", oneParameter},
	}, anyServer(), []step{
		{"clean", cleaning},
	}))
}
