package apply

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/automations"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// ErrDiffers says that the server stored something else than it was sent.
var ErrDiffers = errors.New("the server stored something else than was sent")

// Confirmed is what was read back after an apply.
type Confirmed struct {
	// Differences are what the server holds otherwise than planned, by deployment id: two flows may have deployments of one name. None is
	// the proof that the apply did what it says.
	Differences map[string][]canonical.Change
	Pools       map[string][]canonical.Change // the same of work pools
	States      map[string]plan.State         // of what was created or updated, by deployment id
}

// Judge makes failures of outcomes that the server's answer speaks against.
func (c Confirmed) Judge(r *plan.Result) {
	judge(r.Outcomes, c.Differences, func(o plan.Outcome) string { return o.ID })
	judge(r.Pools, c.Pools, func(o plan.Outcome) string { return o.Name })
}

func judge(outcomes []plan.Outcome, differ map[string][]canonical.Change, key func(plan.Outcome) string) {
	for i, o := range outcomes {
		if changes := differ[key(o)]; o.Err == nil && len(changes) > 0 {
			outcomes[i].Fail(fmt.Errorf("%w: %s is %v", ErrDiffers, changes[0].Field, changes[0].From))
		}
	}
}

// Confirm reads back what was written and compares it with the plan.
func Confirm(ctx context.Context, api *prefect.Client, p plan.Plan, r plan.Result) (Confirmed, error) {
	out := Confirmed{Differences: map[string][]canonical.Change{}, Pools: map[string][]canonical.Change{}, States: map[string]plan.State{}}
	if err := confirmPools(ctx, api, p, r, out.Pools); err != nil {
		return out, fmt.Errorf("reading back the work pools: %w", err)
	}
	ids := written(p, r)
	if len(ids) == 0 {
		return out, nil
	}
	stored, err := api.DeploymentsByID(ctx, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return out, fmt.Errorf("reading back what was written: %w", err)
	}
	automations, err := live.AutomationsOf(ctx, api, triggered(ids))
	if err != nil {
		return out, fmt.Errorf("reading back what was written: %w", err)
	}
	for _, d := range stored {
		a, asked := ids[d.ID]
		if !asked { // the server's filter is not trusted
			continue
		}
		delete(ids, d.ID)
		if a.Op == plan.Delete {
			out.Differences[d.ID] = []canonical.Change{{Field: "deployment", From: "still on the server"}}
			continue
		}
		changes, err := differences(a, d, automations[d.ID])
		if err != nil {
			return out, err
		}
		if len(changes) > 0 {
			out.Differences[d.ID] = changes
		}
		if out.States[d.ID], err = plan.StateOf(d); err != nil {
			return out, err
		}
	}
	for id, a := range ids {
		if a.Op != plan.Delete {
			out.Differences[id] = []canonical.Change{{Field: "deployment", From: "gone from the server", To: a.Name}}
		}
	}
	return out, nil
}

// written gives what was done, by deployment id.
func written(p plan.Plan, r plan.Result) map[string]plan.Action {
	out := map[string]plan.Action{}
	for i, o := range r.Outcomes {
		if o.Err == nil && o.Op.Writes() {
			a := p.Actions[i]
			a.Desired = o.Desired
			out[o.ID] = a
		}
	}
	return out
}

// triggered gives those whose automations were written.
func triggered(actions map[string]plan.Action) []plan.Desired {
	var out []plan.Desired
	for _, a := range actions {
		if !a.Triggers.Empty() {
			out = append(out, a.Desired)
		}
	}
	return out
}

// differences compares a stored deployment with what it should be.
func differences(a plan.Action, have prefect.Deployment, found []prefect.Automation) ([]canonical.Change, error) {
	a.Have = &have
	changes, err := a.CompareStored()
	if err != nil || a.Triggers.Empty() {
		return changes, err
	}
	_, triggers, err := automations.Compare(a.Desired.Automations(), a.Tag, found)
	return append(changes, triggers...), err
}

// confirmPools reads back the pools that were written and adds what differs, by name.
func confirmPools(ctx context.Context, api *prefect.Client, p plan.Plan, r plan.Result, differ map[string][]canonical.Change) error {
	for _, o := range r.Pools {
		at := slices.IndexFunc(p.Pools, func(x plan.Pool) bool { return x.Name == o.Name })
		if at < 0 || o.Err != nil || o.Op == plan.Leftover {
			continue
		}
		x := p.Pools[at]
		have, there, err := api.WorkPool(ctx, o.Name)
		switch {
		case err != nil:
			return err
		case o.Op == plan.Delete && there:
			differ[o.Name] = []canonical.Change{{Field: "work pool", From: "still on the server"}}
			continue
		case o.Op == plan.Delete:
			continue
		case !there:
			differ[o.Name] = []canonical.Change{{Field: "work pool", From: "gone from the server", To: o.Name}}
			continue
		}
		queues, err := live.ReadQueues(ctx, api, live.QueuesOf([]pool.Pool{x.Want}))
		if err != nil {
			return err
		}
		x.Have = &have
		if err := x.Compare(queues[o.Name]); err != nil {
			return err
		}
		if len(x.Changes) > 0 && p.Owner.Keeps(have.Description) {
			differ[o.Name] = x.Changes
		}
	}
	return nil
}
