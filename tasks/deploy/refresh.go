package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// clockSlack is how far the times that are compared may be off: a server's Date header counts whole seconds.
const clockSlack = 2 * time.Second

// MovedOn tells whether another command may have written for the owner since this state was read: each leaves a receipt, and the
// newest one's time is compared with the server's own clock. Without a receipt or a clock the answer is yes.
func MovedOn(ctx context.Context, api *prefect.Client, l Live, owner Owner) (bool, error) {
	began, known := api.ServerTime(l.began)
	if !known {
		return true, nil
	}
	newest, err := api.Artifacts(ctx, ReceiptKey(owner), 1)
	if err != nil {
		return false, fmt.Errorf("looking for newer receipts: %w", err)
	}
	return len(newest) == 0 || newest[0].Created.After(began.Add(-clockSlack)), nil
}

// Refresh gives the state with those deployments read anew that the plan, made from this state, would change or create; the rest is
// as it was, and a [Diff] takes the plan's word for it.
func Refresh(ctx context.Context, api *prefect.Client, l Live, p Plan) (Live, error) {
	names, ids := map[string]bool{}, map[string]bool{}
	var desired []Desired
	l.same = map[flowAndName]Action{}
	for _, a := range p.Actions {
		switch a.Op {
		case Unchanged:
			l.same[flowAndName{a.Flow, a.Name}] = a
		case Create, Update:
			desired = append(desired, a.desired)
			names[a.Name] = true // whoever deleted and made one anew gave it another id
		case Delete:
			ids[a.ID] = true
		default:
			continue
		}
	}
	l.flows = maps.Clone(l.flows)
	l.Deployments = slices.DeleteFunc(slices.Clone(l.Deployments), func(d prefect.Deployment) bool {
		again := names[d.Name] || ids[d.ID]
		if again { // another flow's may have the name
			delete(l.same, flowAndName{l.flows[d.FlowID], d.Name})
		}
		return again
	})
	found, err := api.DeploymentsByName(ctx, slices.Sorted(maps.Keys(names)))
	if err != nil {
		return Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	deleted, err := api.DeploymentsByID(ctx, slices.Sorted(maps.Keys(ids)))
	if err != nil {
		return Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	found = append(found, deleted...)
	add(&l, found)
	flows, err := api.FlowsByID(ctx, nameless(l, found))
	if err != nil {
		return Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	know(&l, flows)
	l.reindex()
	if err := recall(ctx, api, &l, p.owner, desired); err != nil {
		return Live{}, err
	}
	if l.automations, err = readAutomations(ctx, api, desired); err != nil {
		return Live{}, fmt.Errorf("reading again what will change: %w", err)
	}
	return l, nil
}

// nameless gives the ids of flows whose names are not known yet.
func nameless(l Live, found []prefect.Deployment) []string {
	var out []string
	for _, d := range found {
		if _, known := l.flows[d.FlowID]; !known {
			out = append(out, d.FlowID)
		}
	}
	return distinct(out)
}
