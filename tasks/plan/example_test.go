package plan_test

import (
	"fmt"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
)

// A plan follows from what is wanted and what is there, and nothing is asked or written for it.
func ExampleDiff() {
	owner := ownership.Owner{Project: "shop", Env: "dev"}
	flows := plan.FlowsOf([]flow.Flow{{Name: "orders", Entrypoint: "jobs/etl.py:load", Schema: `{"type": "object", "properties": {}}`}})
	m, _ := manifest.Parse("prefect.yaml", []byte("deployments: [{name: nightly, entrypoint: jobs/etl.py:load, work_pool: {name: local}}]\n"))
	desired, _ := flows.Resolve(nil, m, owner)
	p, err := plan.Diff(owner, desired, plan.NewLive([]pool.Pool{{Name: "local", Type: "process"}}))
	fmt.Println(p.Summary(), err)
	// Output: 1 to create, 0 to update, 0 unchanged, 0 blocked, work pools: 1 to create <nil>
}
