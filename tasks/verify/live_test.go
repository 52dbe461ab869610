//go:build e2e

package verify_test

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/verify"
)

// TestReal plants on a real server what a real server can have: a pool that is missing, of another type or paused, a paused queue, no
// worker, and pages that ask for a deployment that is not there.
func TestReal(t *testing.T) {
	t.Parallel()
	url := prerequisite.Server(t)
	s := server(t, prefect.Options{URL: url}, strings.TrimSuffix(url, "/api"))
	name := "verify-test-" + strings.ToLower(rand.Text()[:8])
	p, err := plan.Diff(ownership.Owner{Project: "verify-test", Env: "dev"}, []plan.Desired{{
		Name: "d", Flow: &flow.Flow{Name: "f"}, Fields: map[string]any{"work_pool_name": name, "work_queue_name": "default"},
	}}, plan.NewLive([]pool.Pool{{Name: name, Type: "process"}}))
	if err != nil {
		t.Fatal(err)
	}
	p = p.Applied(plan.Result{
		Outcomes: []plan.Outcome{{Op: plan.Create, Flow: "f", Name: "d", ID: deploymentID}}, Pools: []plan.Outcome{{Op: plan.Create, Name: name}},
	})
	look := func(types string) ladder.Rungs {
		return append(verify.Reach(s), verify.Deployments(s, p, map[string]string{name: types})...).Climb(t.Context())
	}
	pool := func(fields map[string]any) {
		t.Helper()
		if err := s.API.UpdateWorkPool(t.Context(), name, fields); err != nil { // which waits for a busy server
			t.Fatal(err)
		}
	}
	queue := func(fields map[string]any) {
		t.Helper()
		if err := s.API.UpdateWorkQueue(t.Context(), name, "default", fields); err != nil {
			t.Fatal(err)
		}
	}
	trouble{rung: "work pool " + name, says: []string{"there is no work pool"}}.check(t, look("process"))
	if _, err := s.API.CreateWorkPool(t.Context(), prefect.WorkPool{Name: name, Type: "process"}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.API.DeleteWorkPool(context.WithoutCancel(t.Context()), name) })
	trouble{rung: "work pool " + name, says: []string{"has the type process, these deployments need docker"}}.check(t, look("docker"))
	trouble{rung: "worker of " + name, says: []string{"no worker has ever polled"}}.check(t, look("process"))
	pool(map[string]any{"is_paused": true})
	trouble{rung: "work pool " + name, says: []string{"is paused"}}.check(t, look("process"))
	pool(map[string]any{"is_paused": false, "concurrency_limit": 0})
	trouble{rung: "work pool " + name, says: []string{"0 runs"}}.check(t, look("process"))
	pool(map[string]any{"concurrency_limit": 5})
	queue(map[string]any{"is_paused": true})
	rungs := look("process")
	if failed, _ := rungs.Failure(); failed.Name != "queues of "+name || !strings.Contains(failed.Detail, "is paused") {
		t.Error(rungs)
	}
	for _, r := range verify.UI(s, verify.Shown{}).Climb(t.Context()) {
		if r.State != ladder.OK {
			t.Error(r)
		}
	}
}
