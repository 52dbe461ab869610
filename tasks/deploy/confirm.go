package deploy

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

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
	stored, err := api.DeploymentsByID(ctx, slices.Sorted(maps.Keys(ids)))
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
	_, triggers, err := compareTriggers(a.desired.automations(), a.tag, automations)
	return append(changes, triggers...), err
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
