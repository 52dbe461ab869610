//go:build e2e

package deploy_test

import (
	"testing"

	"github.com/flowmage/flowmage/tasks/deploy"
)

// cleaning gives the plan that takes all away.
func (b *bench) cleaning(t *testing.T) deploy.Plan {
	t.Helper()
	p, _, err := deploy.Cleaning(t.Context(), b.api, b.owner, deploy.Narrow{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// owned gives the names of what is ours on the server.
func (b *bench) owned(t *testing.T) []string {
	t.Helper()
	return names(b.cleaning(t).Deletions())
}

func names(list []deploy.Action) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

// clean takes all away.
func (b *bench) clean(t *testing.T) deploy.Result {
	t.Helper()
	r, err := deploy.Apply(t.Context(), b.api, b.cleaning(t), deploy.ApplyOptions{})
	if err != nil || len(r.Failed()) > 0 {
		t.Error(err, r)
	}
	return r
}

// TestCleanTakesPools deletes our pools and none that is in use.
func TestCleanTakesPools(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, single)
	f, err := b.api.EnsureFlow(t.Context(), b.flow.Name)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := b.api.CreateDeployment(t.Context(), map[string]any{"name": "theirs", "flow_id": f.ID, "work_pool_name": b.pool})
	if err != nil {
		t.Fatal(err)
	}
	if r := b.clean(t); len(r.Pools) != 1 || r.Pools[0].Op != deploy.Leftover || r.Pools[0].Stays != "used by 1 deployment" {
		t.Errorf("%+v", r.Pools)
	}
	if err := b.api.DeleteDeployment(t.Context(), theirs.ID); err != nil {
		t.Fatal(err)
	}
	if r := b.clean(t); len(r.Pools) != 1 || r.Pools[0].Op != deploy.Delete {
		t.Errorf("%+v", r.Pools)
	}
	if _, there, err := b.api.WorkPool(t.Context(), b.pool); there || err != nil {
		t.Error("still there", err)
	}
}
