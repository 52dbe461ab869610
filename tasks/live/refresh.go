package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// clockSlack is how far the times that are compared may be off: a server's Date header counts whole seconds.
const clockSlack = 2 * time.Second

// MovedOn tells whether another command may have written for the owner since this state was read: each leaves a receipt, and the
// newest one's time is compared with the server's own clock. Without a receipt or a clock the answer is yes.
func MovedOn(ctx context.Context, api *prefect.Client, l plan.Live, owner ownership.Owner) (bool, error) {
	began, known := api.ServerTime(l.Began)
	if !known {
		return true, nil
	}
	newest, err := api.Artifacts(ctx, receipt.Key(owner), 1)
	if err != nil {
		return false, fmt.Errorf("looking for newer receipts: %w", err)
	}
	return len(newest) == 0 || newest[0].Created.After(began.Add(-clockSlack)), nil
}

// Refresh gives the state with those deployments read anew that the plan, made from this state, would change or create; the rest is
// as it was, and a [plan.Diff] takes the plan's word for it.
func Refresh(ctx context.Context, api *prefect.Client, l plan.Live, p plan.Plan) (plan.Live, error) {
	names, ids := map[string]bool{}, map[string]bool{}
	var desired []plan.Desired
	l.Same = map[plan.Key]plan.Action{}
	for _, a := range p.Actions {
		switch a.Op {
		case plan.Unchanged:
			l.Same[plan.Key{Flow: a.Flow, Name: a.Name}] = a
		case plan.Create, plan.Update:
			desired = append(desired, a.Desired)
			names[a.Name] = true // whoever deleted and made one anew gave it another id
		case plan.Delete:
			ids[a.ID] = true
		default:
			continue
		}
	}
	l.Flows = maps.Clone(l.Flows)
	l.Deployments = slices.DeleteFunc(slices.Clone(l.Deployments), func(d prefect.Deployment) bool {
		again := names[d.Name] || ids[d.ID]
		if again { // another flow's may have the name
			delete(l.Same, plan.Key{Flow: l.Flows[d.FlowID], Name: d.Name})
		}
		return again
	})
	found, err := api.DeploymentsByName(ctx, slices.Sorted(maps.Keys(names)))
	if err != nil {
		return plan.Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	deleted, err := api.DeploymentsByID(ctx, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return plan.Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	found = append(found, deleted...)
	add(&l, found)
	flows, err := api.FlowsByID(ctx, nameless(l, found, func([]string) bool { return true }))
	if err != nil {
		return plan.Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	know(&l, flows)
	l.Index()
	if err := recall(ctx, api, &l, p.Owner, desired); err != nil {
		return plan.Live{}, err
	}
	if l.Automations, err = AutomationsOf(ctx, api, desired); err != nil {
		return plan.Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	return l, nil
}

// nameless gives the ids of flows whose names are not known yet, of deployments that are ours by their tags.
func nameless(l plan.Live, found []prefect.Deployment, ours func(tags []string) bool) []string {
	var out []string
	for _, d := range found {
		if _, known := l.Flows[d.FlowID]; !known && ours(d.Tags) {
			out = append(out, d.FlowID)
		}
	}
	return distinct(out)
}
