package deploy

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/pool"
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
	users, err := poolUsers(ctx, api, prefect.DeploymentFilter{Pools: []string{name}}, 0, own)
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

// poolUsers tells what uses a work pool, "" when nothing does. leaving is how many of its deployments are about to go. An online worker
// uses it too: it would make the pool anew, as somebody else's. (Prefect: workers/base.py.)
func poolUsers(ctx context.Context, api *prefect.Client, in prefect.DeploymentFilter, leaving int, own Workers) (string, error) {
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
		mine := own.Of(ctx, in.Pools[0])
		workers = slices.DeleteFunc(workers, func(w prefect.Worker) bool { return w.Name == mine })
	}
	if len(workers) > 0 {
		return "its worker " + workers[0].Name + " is online; stop that first", nil
	}
	return "", nil
}

// checkRemovals keeps pools and queues that something else uses.
func (p *Plan) checkRemovals(ctx context.Context, api *prefect.Client) error {
	for i := range p.Pools {
		x := &p.Pools[i]
		if x.Op == Delete {
			users, err := poolUsers(ctx, api, prefect.DeploymentFilter{Pools: []string{x.Name}}, p.leaving(x.Name, ""), nil)
			if err != nil {
				return err
			}
			if users != "" {
				x.Op, x.Stays = Leftover, users
			}
			continue
		}
		for _, queue := range slices.Clone(x.queues.remove) {
			n, err := api.CountDeployments(ctx, prefect.DeploymentFilter{Pools: []string{x.Name}, Queues: []string{queue}})
			if err != nil {
				return err
			}
			if n > p.leaving(x.Name, queue) {
				x.keepQueue(queue)
			}
		}
	}
	return nil
}

// keepQueue takes the removal of a queue back.
func (x *Pool) keepQueue(queue string) {
	x.queues.remove = slices.DeleteFunc(x.queues.remove, func(q string) bool { return q == queue })
	x.Changes = slices.DeleteFunc(x.Changes, func(c Change) bool { return c.Field == "queues."+queue })
	x.Notes = append(x.Notes, fmt.Sprintf("its queue %s is left over and stays: deployments are in it", queue))
	if len(x.fields) == 0 && x.queues.empty() {
		x.Op = Unchanged
	}
}

// leaving counts the deployments in a pool, or in one of its queues, that the plan deletes or moves away.
func (p Plan) leaving(from, queue string) int {
	n := 0
	for _, a := range p.Actions {
		if a.have == nil || value(a.have.WorkPoolName) != from || queue != "" && value(a.have.WorkQueueName) != queue {
			continue
		}
		switch a.Op {
		case Delete:
			n++
		case Update:
			if a.desired.Pool() != from || queue != "" && a.desired.Queue() != queue {
				n++
			}
		default:
		}
	}
	return n
}

// confirmPools reads back the pools that were written and adds what differs, by name.
func confirmPools(ctx context.Context, api *prefect.Client, p Plan, r Result, differ map[string][]Change) error {
	for _, o := range r.Pools {
		at := slices.IndexFunc(p.Pools, func(x Pool) bool { return x.Name == o.Name })
		if at < 0 || o.Err != nil || o.Op == Leftover {
			continue
		}
		x := p.Pools[at]
		have, there, err := api.WorkPool(ctx, o.Name)
		switch {
		case err != nil:
			return err
		case o.Op == Delete && there:
			differ[o.Name] = []Change{{Field: "work pool", From: "still on the server"}}
			continue
		case o.Op == Delete:
			continue
		case !there:
			differ[o.Name] = []Change{{Field: "work pool", From: "gone from the server", To: o.Name}}
			continue
		}
		queues, err := queuesOf(ctx, api, QueuesOf([]pool.Pool{x.want}))
		if err != nil {
			return err
		}
		x.have = &have
		if err := x.compare(queues[o.Name]); err != nil {
			return err
		}
		if len(x.Changes) > 0 && p.owner.Keeps(have.Description) {
			differ[o.Name] = x.Changes
		}
	}
	return nil
}

// poolTitle is what a work pool is called among deployments.
func poolTitle(name string) string { return "work pool " + name }
