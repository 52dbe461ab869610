package live

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// poolUsers tells what uses a work pool, "" when nothing does. leaving is how many of its deployments are about to go. own names the worker that this machine runs
// for it, which goes with the pool; any other online worker uses it too: it would make the pool anew, as somebody else's. (Prefect: workers/base.py.)
func PoolUsers(ctx context.Context, api *prefect.Client, in prefect.DeploymentFilter, leaving int, own func() string) (string, error) {
	n, err := api.CountDeployments(ctx, in)
	if err != nil {
		return "", err
	}
	if n -= leaving; n > 0 {
		return "used by " + console.Count(n, "deployment"), nil
	}
	workers, err := api.OnlineWorkers(ctx, in.Pools[0])
	if err != nil && !prefect.IsNotFound(err) {
		return "", err
	}
	if own != nil { // it is ended first
		mine := own()
		workers = slices.DeleteFunc(workers, func(w prefect.Worker) bool { return w.Name == mine })
	}
	if len(workers) > 0 {
		return "its worker " + workers[0].Name + " is online; stop that first", nil
	}
	return "", nil
}

// checkRemovals keeps pools and queues that something else uses.
func checkRemovals(ctx context.Context, api *prefect.Client, p *plan.Plan) error {
	for i := range p.Pools {
		x := &p.Pools[i]
		if x.Op == plan.Delete {
			users, err := PoolUsers(ctx, api, prefect.DeploymentFilter{Pools: []string{x.Name}}, p.Leaving(x.Name, ""), nil)
			if err != nil {
				return err
			}
			if users != "" {
				x.Op, x.Stays = plan.Leftover, users
			}
			continue
		}
		for _, queue := range slices.Clone(x.Queues.Remove) {
			n, err := api.CountDeployments(ctx, prefect.DeploymentFilter{Pools: []string{x.Name}, Queues: []string{queue}})
			if err != nil {
				return err
			}
			if n > p.Leaving(x.Name, queue) {
				x.KeepQueue(queue)
			}
		}
	}
	return nil
}
