package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// Owned gives the owner's deployments with their flows' names, sorted by name.
func Owned(ctx context.Context, api *prefect.Client, owner Owner) ([]Outcome, error) {
	deployments, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{owner.Tag()}})
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	// The server's filter is trusted for finding, not for deleting.
	deployments = slices.DeleteFunc(deployments, func(d prefect.Deployment) bool { return !owner.Owns(d.Tags) })
	names, err := flowNames(ctx, api, deployments)
	if err != nil {
		return nil, err
	}
	out := make([]Outcome, 0, len(deployments))
	for _, d := range deployments {
		out = append(out, Outcome{Op: Delete, Name: d.Name, Flow: names[d.FlowID], ID: d.ID})
	}
	return out, nil
}

// KeptPools gives the work pools that carry the owner's marker, sorted by name; none to a guest.
func KeptPools(ctx context.Context, api *prefect.Client, owner Owner) ([]Outcome, error) {
	if owner.Guest {
		return nil, nil
	}
	pools, err := api.WorkPools(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing our work pools: %w", err)
	}
	var out []Outcome
	for _, p := range pools {
		if owner.Keeps(p.Description) {
			out = append(out, Outcome{Op: Delete, Name: p.Name})
		}
	}
	slices.SortFunc(out, func(a, b Outcome) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}

// CleanPools deletes the given work pools, unless something uses them, and gives what became of each.
func CleanPools(ctx context.Context, api *prefect.Client, pools []Outcome) []Outcome {
	out := make([]Outcome, 0, len(pools))
	for _, p := range pools {
		out = append(out, removePool(ctx, api, p.Name))
	}
	return out
}

// Clean deletes the given deployments with their automations and gives what became of each; one that is gone already counts as
// deleted. Flows and the history of their runs stay. A cancelled context ends after the request in flight.
func Clean(ctx context.Context, api *prefect.Client, owned []Outcome) Result {
	var r Result
	for _, o := range owned {
		if o.Err = ctx.Err(); o.Err == nil {
			o.Err = remove(ctx, api, o.ID)
		}
		if o.Err != nil {
			o.Failure = o.Err.Error()
		}
		r.Outcomes = append(r.Outcomes, o)
	}
	return r
}

func remove(ctx context.Context, api *prefect.Client, id string) error {
	// Automations first: without their deployment they could no longer be told from foreign ones.
	if err := api.DeleteAutomationsOwnedBy(ctx, id); err != nil && !prefect.IsNotFound(err) {
		return err
	}
	if err := api.DeleteDeployment(ctx, id); err != nil && !prefect.IsNotFound(err) {
		return err
	}
	return nil
}
