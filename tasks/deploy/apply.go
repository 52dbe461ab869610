package deploy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Outcome is what became of one action.
type Outcome struct {
	Op   Op     `json:"op"`
	Name string `json:"name"`
	Flow string `json:"flow"`
	ID   string `json:"id,omitempty"`
	Err  error  `json:"-"`
	// Failure is Err's text, for JSON.
	Failure string `json:"error,omitempty"`
	Stays   string `json:"stays,omitempty"` // why something was not deleted: its Op is Leftover then

	desired Desired // with the outputs of steps
}

// Result is what became of a plan.
type Result struct {
	Outcomes []Outcome `json:"deployments"`
	Pools    []Outcome `json:"pools,omitempty"` // work pools
}

// Failed gives the outcomes with an error.
func (r Result) Failed() []Outcome {
	var out []Outcome
	for _, o := range slices.Concat(r.Outcomes, r.Pools) {
		if o.Err != nil {
			out = append(out, o)
		}
	}
	return out
}

// outcomesOf gives the outcomes of an operation in which nothing fails.
func outcomesOf(op Op, list []Action) []Outcome {
	out := make([]Outcome, 0, len(list))
	for _, a := range list {
		out = append(out, Outcome{Op: op, Name: a.Name, Flow: a.Flow, ID: a.ID})
	}
	return out
}

// perform does one after the other and notes what fails. A cancelled context ends after the one under way: the rest carries its error.
func perform(ctx context.Context, list []Outcome, do func(i int) error) {
	for i := range list {
		o := &list[i]
		if o.Err = ctx.Err(); o.Err == nil {
			o.Err = do(i)
		}
		if o.Err != nil {
			o.Failure = o.Err.Error()
		}
	}
}

// ApplyOptions are the choices of [Apply].
type ApplyOptions struct {
	// Writers is the most requests that are sent side by side, 8 when zero. A server known to run on SQLite gets 1.
	Writers int
	// Steps runs the steps of a deployment, one deployment's at a time, and gives what they gave out.
	Steps func(ctx context.Context, deployment string, steps []manifest.Step) (manifest.Outputs, error)
	// Judge tells what is wrong with a deployment that has steps, once their outputs are filled in; with an error nothing of it is written. It
	// may be nil.
	Judge func(d Desired) finding.List
	// Workers are those that run here for the server's work pools. Where they are not known, a pool with a worker is not deleted.
	Workers Workers
	// Done is called after each deployment that was written, one call at a time, with how many are to be written. It may be nil.
	Done func(o Outcome, total int)
}

// Apply executes the plan: first the pools, then what is created and updated, then what is deleted, with as many writers at once as
// the server takes well, and last the pools and queues that go. A failed deployment does not stop the others, but what it may replace
// stays; a failed pool stops all, since nothing could run. A cancelled context ends after the requests in flight, and what was not
// tried carries the context's error. The error is for what concerns the whole plan.
func Apply(ctx context.Context, api *prefect.Client, p Plan, o ApplyOptions) (Result, error) {
	pools, err := applyPools(ctx, api, p)
	if err != nil {
		return Result{Pools: pools}, err
	}
	x := &execution{api: api, plan: p, flows: map[string]string{}, outcomes: make([]Outcome, len(p.Actions)), steps: o.Steps, judge: o.Judge, done: o.Done}
	for id, name := range p.flows {
		x.flows[name] = id
	}
	x.looked = newLooks(p)
	x.automations = sync.OnceValues(func() ([]prefect.Automation, error) { return ownAutomations(ctx, api, p) })
	var writes, deletions []int
	for i, a := range p.Actions {
		x.outcomes[i] = Outcome{Op: a.Op, Name: a.Name, Flow: a.Flow, ID: a.ID}
		switch a.Op {
		case Create, Update:
			writes = append(writes, i)
		case Delete:
			deletions = append(deletions, i)
		default: // nothing to write
		}
	}
	x.total = len(writes) + len(deletions)
	pace := newPace(cmp.Or(o.Writers, mostWriters))
	for _, part := range [][]int{writes, deletions} {
		pace.run(len(part), api.Busy, func(k int) { x.perform(ctx, part[k]) })
	}
	pools = removePools(ctx, api, p, pools, o.Workers, x.keepsPools())
	return Result{Outcomes: x.outcomes, Pools: pools}, ctx.Err()
}

// execution is a plan on its way.
type execution struct {
	api      *prefect.Client
	plan     Plan
	outcomes []Outcome // by action
	total    int
	steps    func(context.Context, string, []manifest.Step) (manifest.Outputs, error)
	judge    func(Desired) finding.List
	done     func(Outcome, int)

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
		o.Op, o.desired = a.Op, a.desired
	}
	if a.Op == Delete && o.Err == nil { // all writes have ended
		if o.Stays = x.keepsPredecessor(a); o.Stays != "" {
			a.Op, o.Op = Leftover, Leftover
		}
	}
	if o.Err == nil {
		switch a.Op {
		case Unchanged, Leftover: // as the steps have shown, or what came before
		case Create:
			o.ID, o.Err = x.create(ctx, a)
		case Update:
			o.Err = update(ctx, x.api, a)
		default:
			o.Err = x.remove(ctx, a.ID)
		}
	}
	if o.Err != nil {
		o.Failure = o.Err.Error()
	}
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

func (x *execution) create(ctx context.Context, a Action) (string, error) {
	flow, err := x.flow(ctx, a.Flow)
	if err != nil {
		return "", err
	}
	body := maps.Clone(a.fields)
	body["name"], body["flow_id"] = a.Name, flow
	schedules := make([]map[string]any, 0, len(a.desired.Schedules))
	for _, s := range a.desired.Schedules {
		schedules = append(schedules, newSchedule(s))
	}
	body["schedules"] = schedules
	for _, field := range []string{FieldConcurrency, FieldDescription} {
		if body[field] == nil || body[field] == "" {
			delete(body, field)
		}
	}
	created, err := x.make(ctx, a, body)
	if err == nil {
		err = a.triggers.apply(ctx, x.api, created.ID)
	}
	return created.ID, err
}

func update(ctx context.Context, api *prefect.Client, a Action) error {
	if len(a.fields) > 0 {
		fields := maps.Clone(a.fields)
		// A pool without its queue, or a queue without its pool, would be moved to a default.
		if _, pool := fields[FieldPool]; pool {
			fields[FieldQueue] = a.desired.Fields[FieldQueue]
		}
		if _, queue := fields[FieldQueue]; queue {
			fields[FieldPool] = a.desired.Fields[FieldPool]
		}
		// Before 3.8 servers keep the old job variables when they are sent none.
		if job, ok := fields[FieldJob].(map[string]any); ok && len(job) == 0 && !a.release.AtLeast(prefect.Release{Major: 3, Minor: 8}) {
			fields[FieldJob] = map[string]any{"env": map[string]any{}}
		}
		if err := api.UpdateDeployment(ctx, a.ID, fields); err != nil {
			return err
		}
	}
	if err := a.schedules.apply(ctx, api, a.ID, a.desired); err != nil {
		return err
	}
	return a.triggers.apply(ctx, api, a.ID)
}

// ErrDiffers says that the server stored something else than it was sent.
var ErrDiffers = errors.New("the server stored something else than was sent")

// Confirmed is what was read back after an apply.
type Confirmed struct {
	// Differences are what the server holds otherwise than planned, by deployment id: two flows may have deployments of one name. None is
	// the proof that the apply did what it says.
	Differences map[string][]Change
	Pools       map[string][]Change // the same of work pools
	States      map[string]State    // of what was created or updated, by deployment id
}

// Judge makes failures of outcomes that the server's answer speaks against.
func (c Confirmed) Judge(r *Result) {
	judge(r.Outcomes, c.Differences, func(o Outcome) string { return o.ID })
	judge(r.Pools, c.Pools, func(o Outcome) string { return o.Name })
}

func judge(outcomes []Outcome, differ map[string][]Change, key func(Outcome) string) {
	for i, o := range outcomes {
		if changes := differ[key(o)]; o.Err == nil && len(changes) > 0 {
			outcomes[i].Err = fmt.Errorf("%w: %s is %v", ErrDiffers, changes[0].Field, changes[0].From)
			outcomes[i].Failure = outcomes[i].Err.Error()
		}
	}
}

// Confirm reads back what was written and compares it with the plan.
func Confirm(ctx context.Context, api *prefect.Client, p Plan, r Result) (Confirmed, error) {
	out := Confirmed{Differences: map[string][]Change{}, Pools: map[string][]Change{}, States: map[string]State{}}
	if err := confirmPools(ctx, api, p, r, out.Pools); err != nil {
		return out, fmt.Errorf("reading back the work pools: %w", err)
	}
	ids := written(p, r)
	if len(ids) == 0 {
		return out, nil
	}
	stored, err := inParts(ctx, api, sortedKeys(ids), byID)
	if err != nil {
		return out, fmt.Errorf("reading back what was written: %w", err)
	}
	automations, err := readAutomations(ctx, api, triggered(ids))
	if err != nil {
		return out, fmt.Errorf("reading back what was written: %w", err)
	}
	for _, d := range stored {
		a, asked := ids[d.ID]
		if !asked { // the server's filter is not trusted
			continue
		}
		delete(ids, d.ID)
		if a.Op == Delete {
			out.Differences[d.ID] = []Change{{Field: "deployment", From: "still on the server"}}
			continue
		}
		changes, err := differences(a, d, automations[d.ID])
		if err != nil {
			return out, err
		}
		if len(changes) > 0 {
			out.Differences[d.ID] = changes
		}
		if out.States[d.ID], err = stateOf(d); err != nil {
			return out, err
		}
	}
	for id, a := range ids {
		if a.Op != Delete {
			out.Differences[id] = []Change{{Field: "deployment", From: "gone from the server", To: a.Name}}
		}
	}
	return out, nil
}

// written gives what was done, by deployment id.
func written(p Plan, r Result) map[string]Action {
	out := map[string]Action{}
	for i, o := range r.Outcomes {
		if o.Err == nil && (o.Op == Create || o.Op == Update || o.Op == Delete) {
			a := p.Actions[i]
			a.desired = o.desired
			out[o.ID] = a
		}
	}
	return out
}

// triggered gives those whose automations were written.
func triggered(actions map[string]Action) []Desired {
	var out []Desired
	for _, a := range actions {
		if !a.triggers.empty() {
			out = append(out, a.desired)
		}
	}
	return out
}

// differences compares a stored deployment with what it should be.
func differences(a Action, have prefect.Deployment, automations []prefect.Automation) ([]Change, error) {
	a.have = &have
	changes, err := a.compareStored()
	if err != nil || a.triggers.empty() {
		return changes, err
	}
	_, triggers, err := compareTriggers(a.desired, a.tag, automations)
	return append(changes, triggers...), err
}
