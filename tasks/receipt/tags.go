package receipt

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// RecordTags gives the receipt of a command that changes nothing but our tag on deployments: of an adoption that was done, or of a
// release that was or is to be done. known is what [Recall] gave under the lock.
func RecordTags(ctx context.Context, api *prefect.Client, owner ownership.Owner, r plan.Result, known Known, h lock.Holder) (Receipt, error) {
	out := newReceipt(owner, h, h.Commit, tagSummary(r))
	done := map[string]plan.Outcome{}
	for _, o := range r.Outcomes {
		done[o.ID] = o
		if o.Op == plan.Released && o.Err == nil {
			out.Entries = append(out.Entries, Entry{Op: o.Op, Name: o.Name, Flow: o.Flow, ID: o.ID})
		}
	}
	list, err := Present(ctx, api, owner, known)
	if err != nil {
		return out, err
	}
	list = slices.DeleteFunc(list, func(d prefect.Deployment) bool { return !plan.MayUpdate(owner, d, known.Has(d.ID)) })
	flows, err := api.FlowNames(ctx, list)
	if err != nil {
		return out, fmt.Errorf("listing their flows: %w", err)
	}
	for _, d := range list {
		o, now := done[d.ID]
		if now && o.Err == nil && o.Op == plan.Released {
			continue
		}
		e, err := carried(d, flows[d.FlowID], known)
		if err != nil {
			return out, err
		}
		if now {
			e.Op, e.Failure = o.Op, o.Failure
		}
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}

// tagSummary counts what was done: "2 released, 1 failed".
func tagSummary(r plan.Result) string {
	var parts []string
	for _, x := range []struct {
		op   plan.Op
		word string
	}{{plan.Adopted, "adopted"}, {plan.Released, "released"}} {
		n := 0
		for _, o := range r.Outcomes {
			if o.Op == x.op && o.Err == nil {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, x.word))
		}
	}
	if failed := len(r.Failed()); failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", failed))
	}
	return strings.Join(parts, ", ")
}

// Present reads the deployments that carry our tag or that the receipts know.
func Present(ctx context.Context, api *prefect.Client, owner ownership.Owner, known Known) ([]prefect.Deployment, error) {
	marked, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{owner.Tag()}})
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	ask := map[string]bool{}
	for id := range known.entries {
		ask[id] = true
	}
	for _, d := range marked {
		delete(ask, d.ID)
	}
	found, err := api.DeploymentsByID(ctx, slices.Sorted(maps.Keys(ask)))
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	return append(marked, found...), nil
}
