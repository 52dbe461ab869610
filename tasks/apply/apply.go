// Package apply changes a Prefect server, and only as a plan says.
//
// Start with [Apply], which executes a [plan.Plan], and [Confirm], which reads back what was written and compares it. [Adopt] makes deployments ours that
// others have made, and [Release] gives ours back; both write tags alone.
package apply

import (
	"cmp"
	"context"
	"maps"
	"sync"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Options are the choices of [Apply].
type Options struct {
	// Writers is the most requests that are sent side by side, 8 when zero. A server known to run on SQLite gets 1.
	Writers int
	// Steps runs the steps of a deployment, one deployment's at a time, and gives what they gave out.
	Steps func(ctx context.Context, deployment string, steps []manifest.Step) (manifest.Outputs, error)
	// Judge tells what is wrong with a deployment that has steps, once their outputs are filled in; with an error nothing of it is written. It
	// may be nil.
	Judge func(d plan.Desired) finding.List
	// Workers are those that run here for the server's work pools. Where they are not known, a pool with a worker is not deleted.
	Workers Workers
	// Done is called after each deployment that was written, one call at a time, with how many are to be written. It may be nil.
	Done func(o plan.Outcome, total int)
}

// Apply executes the plan: first the pools, then what is created and updated, then what is deleted, with as many writers at once as
// the server takes well, and last the pools and queues that go. A failed deployment does not stop the others, but what it may replace
// stays; a failed pool stops all, since nothing could run. A cancelled context ends after the requests in flight, and what was not
// tried carries the context's error. The error is for what concerns the whole plan.
func Apply(ctx context.Context, api *prefect.Client, p plan.Plan, o Options) (plan.Result, error) {
	pools, err := applyPools(ctx, api, p)
	if err != nil {
		return plan.Result{Pools: pools}, err
	}
	x := &execution{
		api: api, plan: p, flows: map[string]string{}, outcomes: make([]plan.Outcome, len(p.Actions)), steps: o.Steps, judge: o.Judge, done: o.Done, looked: newLooks(p),
		automations: sync.OnceValues(func() ([]prefect.Automation, error) { return ownAutomations(ctx, api, p) }),
	}
	for id, name := range p.Flows {
		x.flows[name] = id
	}
	var writes, deletions []int
	for i, a := range p.Actions {
		x.outcomes[i] = plan.Outcome{Op: a.Op, Name: a.Name, Flow: a.Flow, ID: a.ID}
		switch a.Op {
		case plan.Create, plan.Update:
			writes = append(writes, i)
		case plan.Delete:
			deletions = append(deletions, i)
		default: // nothing to write
		}
	}
	x.total = len(writes) + len(deletions)
	pace := newPace(cmp.Or(o.Writers, mostWriters))
	for _, part := range [][]int{writes, deletions} {
		pace.run(len(part), api.Busy, func(k int) { x.perform(ctx, part[k]) })
	}
	// What could not be written may still need the pool that it was in, or was to go to.
	pools = removePools(ctx, api, p, pools, o.Workers, x.unwritten(func(plan.Action) bool { return true }))
	return plan.Result{Outcomes: x.outcomes, Pools: pools}, ctx.Err()
}

// execution is a plan on its way.
type execution struct {
	api      *prefect.Client
	plan     plan.Plan
	outcomes []plan.Outcome // by action
	total    int
	steps    func(context.Context, string, []manifest.Step) (manifest.Outputs, error)
	judge    func(plan.Desired) finding.List
	done     func(plan.Outcome, int)

	looked      *looks
	automations func() ([]prefect.Automation, error) // ours, as they were before anything was deleted
	scripts     sync.Mutex                           // two scripts may work on the same files

	mu    sync.Mutex
	flows map[string]string // name to id, of flows that exist for certain
}

// perform executes one action.
func (x *execution) perform(ctx context.Context, i int) {
	a, o := x.plan.Actions[i], &x.outcomes[i]
	if o.Err = ctx.Err(); o.Err == nil {
		a, o.Err = x.afterSteps(ctx, a)
		o.Op, o.Desired = a.Op, a.Desired
	}
	if a.Op == plan.Delete && o.Err == nil { // all writes have ended
		if why := x.unwritten(func(b plan.Action) bool { return b.Replaces(a) }); why != "" {
			a.Op, o.Op, o.Stays = plan.Leftover, plan.Leftover, why+plan.LaterOn
		}
	}
	if o.Err == nil {
		switch a.Op {
		case plan.Unchanged, plan.Leftover: // as the steps have shown, or what came before
		case plan.Create:
			o.ID, o.Err = x.create(ctx, a)
		case plan.Update:
			o.Err = update(ctx, x.api, a)
		default:
			o.Err = x.remove(ctx, a.ID)
		}
	}
	o.Fail(o.Err)
	if x.done != nil {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.done(*o, x.total)
	}
}

// flow gives a flow's id, and makes the flow when it is not there.
func (x *execution) flow(ctx context.Context, name string) (string, error) {
	x.mu.Lock()
	id, known := x.flows[name]
	x.mu.Unlock()
	if known {
		return id, nil
	}
	f, err := x.api.EnsureFlow(ctx, name)
	if err != nil {
		return "", err
	}
	x.mu.Lock()
	x.flows[name] = f.ID
	x.mu.Unlock()
	return f.ID, nil
}

func (x *execution) create(ctx context.Context, a plan.Action) (string, error) {
	flow, err := x.flow(ctx, a.Flow)
	if err != nil {
		return "", err
	}
	body := maps.Clone(a.Fields)
	body["name"], body["flow_id"] = a.Name, flow
	list := make([]map[string]any, 0, len(a.Desired.Schedules))
	for _, s := range a.Desired.Schedules {
		list = append(list, schedules.New(s))
	}
	body["schedules"] = list
	for _, field := range []string{plan.FieldConcurrency, plan.FieldDescription} {
		if body[field] == nil || body[field] == "" {
			delete(body, field)
		}
	}
	created, err := x.make(ctx, a, body)
	if err == nil {
		err = settleTriggers(ctx, x.api, a.Triggers, created.ID)
	}
	return created.ID, err
}

func update(ctx context.Context, api *prefect.Client, a plan.Action) error {
	if len(a.Fields) > 0 {
		fields := maps.Clone(a.Fields)
		// A pool without its queue, or a queue without its pool, would be moved to a default.
		if _, pool := fields[plan.FieldPool]; pool {
			fields[plan.FieldQueue] = a.Desired.Fields[plan.FieldQueue]
		}
		if _, queue := fields[plan.FieldQueue]; queue {
			fields[plan.FieldPool] = a.Desired.Fields[plan.FieldPool]
		}
		// Before 3.8 servers keep the old job variables when they are sent none.
		if job, ok := fields[plan.FieldJob].(map[string]any); ok && len(job) == 0 && !a.Release.AtLeast(prefect.Release{Major: 3, Minor: 8}) {
			fields[plan.FieldJob] = map[string]any{"env": map[string]any{}}
		}
		if err := api.UpdateDeployment(ctx, a.ID, fields); err != nil {
			return err
		}
	}
	if err := settleSchedules(ctx, api, a.Schedules, a.ID, a.Desired); err != nil {
		return err
	}
	return settleTriggers(ctx, api, a.Triggers, a.ID)
}

// outcomesOf gives the outcomes of an operation in which nothing fails.
func outcomesOf(op plan.Op, list []plan.Action) []plan.Outcome {
	out := make([]plan.Outcome, 0, len(list))
	for _, a := range list {
		out = append(out, plan.Outcome{Op: op, Name: a.Name, Flow: a.Flow, ID: a.ID})
	}
	return out
}

// perform does one after the other and notes what fails. A cancelled context ends after the one under way: the rest carries its error.
func perform(ctx context.Context, list []plan.Outcome, do func(i int) error) {
	for i := range list {
		err := ctx.Err()
		if err == nil {
			err = do(i)
		}
		list[i].Fail(err)
	}
}

// unwritten names the first of those deployments that could not be written, as a reason to keep something; "" when there is none.
func (x *execution) unwritten(among func(plan.Action) bool) string {
	for i, b := range x.plan.Actions {
		if (b.Op == plan.Create || b.Op == plan.Update) && x.outcomes[i].Err != nil && among(b) {
			return b.Name + " could not be written"
		}
	}
	return ""
}
