package deploying

import (
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/plan"
)

// counted tells of deployments and work pools, as far as there are any.
func counted(deployments, pools int) string {
	switch {
	case pools == 0:
		return console.Count(deployments, "deployment")
	case deployments == 0:
		return console.Count(pools, "work pool")
	default:
		return console.Count(deployments, "deployment") + " and " + console.Count(pools, "work pool")
	}
}

// countedFailures counts what could not be written.
func countedFailures(r plan.Result) string {
	pools := len(plan.Result{Pools: r.Pools}.Failed())
	return counted(len(r.Failed())-pools, pools)
}
