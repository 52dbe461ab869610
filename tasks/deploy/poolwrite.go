package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// applyPools creates and changes work pools with their queues. The first failure ends it: nothing could run.
func applyPools(ctx context.Context, api *prefect.Client, p Plan) ([]Outcome, error) {
	var out []Outcome
	for _, x := range p.Pools {
		var err error
		switch x.Op {
		case Create:
			err = createPool(ctx, api, p.owner, x)
		case Update:
			err = updatePool(ctx, api, p.owner, x)
		default:
			continue
		}
		o := Outcome{Op: x.Op, Name: x.Name, Err: err}
		if err != nil {
			o.Failure = err.Error()
			return append(out, o), fmt.Errorf("writing the work pool %s: %w", x.Name, err)
		}
		out = append(out, o)
	}
	return out, nil
}

// createPool makes a pool. Two that create it at the same time both succeed.
func createPool(ctx context.Context, api *prefect.Client, owner Owner, x Pool) error {
	var template json.RawMessage
	if x.want.Template != nil {
		text, err := json.Marshal(x.want.Template)
		if err != nil {
			return err
		}
		template = text
	}
	_, err := api.CreateWorkPool(ctx, prefect.WorkPool{
		Name: x.Name, Type: x.Type, Description: owner.PoolMarker(), BaseJobTemplate: template, ConcurrencyLimit: x.want.Concurrency,
	})
	if prefect.IsConflict(err) {
		var ours bool
		if ours, err = x.madeMeanwhile(ctx, api, owner); !ours {
			return err
		}
	}
	if err != nil {
		return err
	}
	return x.writeQueues(ctx, api, owner)
}

// madeMeanwhile looks at a pool that somebody has made since the plan and tells whether it is the owner's. Another one's is used as it is, if
// its workers can start our runs.
func (x Pool) madeMeanwhile(ctx context.Context, api *prefect.Client, owner Owner) (bool, error) {
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

func updatePool(ctx context.Context, api *prefect.Client, owner Owner, x Pool) error {
	if len(x.fields) > 0 {
		if err := api.UpdateWorkPool(ctx, x.Name, x.fields); err != nil {
			return err
		}
	}
	return x.writeQueues(ctx, api, owner)
}

// writeQueues creates and changes queues. Priorities come last and rising: each moves only what stands at it or behind.
func (x Pool) writeQueues(ctx context.Context, api *prefect.Client, owner Owner) error {
	for _, name := range x.queues.create {
		fields := queueFields(x.want.Queues[name])
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
	for _, name := range slices.Sorted(maps.Keys(x.queues.update)) {
		if err := api.UpdateWorkQueue(ctx, x.Name, name, x.queues.update[name]); err != nil {
			return fmt.Errorf("queue %s: %w", name, err)
		}
	}
	if !x.queues.ranked {
		return nil
	}
	for _, name := range ranking(x.want.Queues) {
		if priority := x.want.Queues[name].Priority; priority != nil {
			if err := api.UpdateWorkQueue(ctx, x.Name, name, map[string]any{fieldPriority: *priority}); err != nil {
				return fmt.Errorf("queue %s: %w", name, err)
			}
		}
	}
	return nil
}

// removePools deletes what the plan says, unless it is in use by now or something speaks for keeping all, and adds to the outcomes what became of
// it.
func removePools(ctx context.Context, api *prefect.Client, p Plan, out []Outcome, own Workers, keep string) []Outcome {
	for _, x := range p.Pools {
		switch {
		case x.Op == Delete && keep != "":
			out = append(out, Outcome{Op: Leftover, Name: x.Name, Stays: keep})
			continue
		case x.Op == Delete:
			out = append(out, removePool(ctx, api, x.Name, own))
			continue
		case keep != "":
			continue
		}
		for _, queue := range x.queues.remove {
			at := slices.IndexFunc(out, func(o Outcome) bool { return o.Name == x.Name })
			if err := removeQueue(ctx, api, x.Name, queue); err != nil && at >= 0 {
				out[at].Err, out[at].Failure = err, err.Error()
			}
		}
	}
	return out
}

func removePool(ctx context.Context, api *prefect.Client, name string, own Workers) Outcome {
	o := Outcome{Op: Delete, Name: name}
	var mine func() string
	if own != nil {
		mine = func() string { return own.Of(ctx, name) }
	}
	users, err := poolUsers(ctx, api, prefect.DeploymentFilter{Pools: []string{name}}, 0, mine)
	if err == nil && users == "" && own != nil {
		err = own.Stop(ctx, name)
	}
	switch {
	case err != nil:
	case users != "":
		o.Op, o.Stays = Leftover, users
	default:
		if err = api.DeleteWorkPool(ctx, name); prefect.IsNotFound(err) {
			err = nil
		}
	}
	if o.Err = err; err != nil {
		o.Failure = err.Error()
	}
	return o
}

func removeQueue(ctx context.Context, api *prefect.Client, name, queue string) error {
	n, err := api.CountDeployments(ctx, prefect.DeploymentFilter{Pools: []string{name}, Queues: []string{queue}})
	if err != nil || n > 0 {
		return err
	}
	if err := api.DeleteWorkQueue(ctx, name, queue); err != nil && !prefect.IsNotFound(err) {
		return fmt.Errorf("queue %s: %w", queue, err)
	}
	return nil
}
