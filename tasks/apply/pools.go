package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// applyPools creates and changes work pools with their queues. The first failure ends it: nothing could run.
func applyPools(ctx context.Context, api *prefect.Client, p plan.Plan) ([]plan.Outcome, error) {
	var out []plan.Outcome
	for _, x := range p.Pools {
		var err error
		switch x.Op {
		case plan.Create:
			err = createPool(ctx, api, p.Owner, x)
		case plan.Update:
			err = updatePool(ctx, api, p.Owner, x)
		default:
			continue
		}
		o := plan.Outcome{Op: x.Op, Name: x.Name}
		o.Fail(err)
		if out = append(out, o); err != nil {
			return out, fmt.Errorf("writing the work pool %s: %w", x.Name, err)
		}
	}
	return out, nil
}

// createPool makes a pool. Two that create it at the same time both succeed.
func createPool(ctx context.Context, api *prefect.Client, owner ownership.Owner, x plan.Pool) error {
	var template json.RawMessage
	var err error
	if x.Want.Base != nil {
		if template, err = json.Marshal(x.Want.Base); err != nil {
			return err
		}
	}
	_, err = api.CreateWorkPool(ctx, prefect.WorkPool{
		Name: x.Name, Type: x.Type, Description: owner.PoolMarker(), BaseJobTemplate: template, ConcurrencyLimit: x.Want.Concurrency,
	})
	if prefect.IsConflict(err) {
		var ours bool
		if ours, err = madeMeanwhile(ctx, api, owner, x); !ours {
			return err
		}
	}
	if err != nil {
		return err
	}
	return writeQueues(ctx, api, owner, x)
}

// madeMeanwhile looks at a pool that somebody has made since the plan and tells whether it is the owner's. Another one's is used as it is, if
// its workers can start our runs.
func madeMeanwhile(ctx context.Context, api *prefect.Client, owner ownership.Owner, x plan.Pool) (bool, error) {
	have, there, err := api.WorkPool(ctx, x.Name)
	switch {
	case err != nil:
		return false, err
	case there && have.Type != x.Type:
		return false, &fault.Error{
			Code: fault.Findings, What: "somebody has made it since, with the type " + have.Type, Why: "these deployments need " + x.Type,
			Next: "name another pool under `pools` in envs/, or delete that one",
		}
	default:
		return owner.Keeps(have.Description), nil
	}
}

func updatePool(ctx context.Context, api *prefect.Client, owner ownership.Owner, x plan.Pool) error {
	if len(x.Fields) > 0 {
		if err := api.UpdateWorkPool(ctx, x.Name, x.Fields); err != nil {
			return err
		}
	}
	return writeQueues(ctx, api, owner, x)
}

// writeQueues creates and changes queues. Priorities come last and rising: each moves only what stands at it or behind.
func writeQueues(ctx context.Context, api *prefect.Client, owner ownership.Owner, x plan.Pool) error {
	for _, name := range x.Queues.Create {
		fields := plan.QueueFields(x.Want.Queues[name])
		fields["name"], fields["description"] = name, owner.PoolMarker()
		err := api.CreateWorkQueue(ctx, x.Name, fields)
		if prefect.IsConflict(err) { // made by whoever came first
			delete(fields, "name")
			delete(fields, "description")
			err = api.UpdateWorkQueue(ctx, x.Name, name, fields)
		}
		if err != nil {
			return fmt.Errorf("queue %s: %w", name, err)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(x.Queues.Update)) {
		if err := api.UpdateWorkQueue(ctx, x.Name, name, x.Queues.Update[name]); err != nil {
			return fmt.Errorf("queue %s: %w", name, err)
		}
	}
	if !x.Queues.Ranked {
		return nil
	}
	for _, name := range plan.Ranking(x.Want.Queues) {
		if priority := x.Want.Queues[name].Priority; priority != nil {
			if err := api.UpdateWorkQueue(ctx, x.Name, name, map[string]any{plan.FieldPriority: *priority}); err != nil {
				return fmt.Errorf("queue %s: %w", name, err)
			}
		}
	}
	return nil
}

// removePools deletes what the plan says, unless it is in use by now or something speaks for keeping all, and adds to the outcomes what became of
// it.
func removePools(ctx context.Context, api *prefect.Client, p plan.Plan, out []plan.Outcome, own Workers, keep string) []plan.Outcome {
	for _, x := range p.Pools {
		switch {
		case x.Op == plan.Delete && keep != "":
			out = append(out, plan.Outcome{Op: plan.Leftover, Name: x.Name, Stays: keep})
			continue
		case x.Op == plan.Delete:
			out = append(out, removePool(ctx, api, x.Name, own))
			continue
		case keep != "":
			continue
		}
		for _, queue := range x.Queues.Remove {
			at := slices.IndexFunc(out, func(o plan.Outcome) bool { return o.Name == x.Name })
			if err := removeQueue(ctx, api, x.Name, queue); err != nil && at >= 0 {
				out[at].Fail(err)
			}
		}
	}
	return out
}

func removePool(ctx context.Context, api *prefect.Client, name string, own Workers) plan.Outcome {
	o := plan.Outcome{Op: plan.Delete, Name: name}
	var mine func() string
	if own != nil {
		mine = func() string { return own.Of(ctx, name) }
	}
	users, err := live.PoolUsers(ctx, api, prefect.DeploymentFilter{Pools: []string{name}}, 0, mine)
	if err == nil && users == "" && own != nil {
		err = own.Stop(ctx, name)
	}
	switch {
	case err != nil:
	case users != "":
		o.Op, o.Stays = plan.Leftover, users
	default:
		err = prefect.IgnoreNotFound(api.DeleteWorkPool(ctx, name))
	}
	o.Fail(err)
	return o
}

func removeQueue(ctx context.Context, api *prefect.Client, name, queue string) error {
	n, err := api.CountDeployments(ctx, prefect.DeploymentFilter{Pools: []string{name}, Queues: []string{queue}})
	if err != nil || n > 0 {
		return err
	}
	if err := prefect.IgnoreNotFound(api.DeleteWorkQueue(ctx, name, queue)); err != nil {
		return fmt.Errorf("queue %s: %w", queue, err)
	}
	return nil
}

// Workers are those that this machine runs for the server's work pools in the background. They go with their pool; other people's keep it.
type Workers interface {
	// Of gives the name by which the server knows the worker of a pool, "" when none runs here.
	Of(ctx context.Context, pool string) string
	// Stop ends the worker of a pool, with the runs that it has under way. None is no error.
	Stop(ctx context.Context, pool string) error
}
