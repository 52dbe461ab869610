package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// remove deletes a deployment with its automations: those that belong to it, and those of ours that run it and nothing else, also when they
// belong to nothing, as what was made by hand and taken over. What people have made for it by hand stays.
func (x *execution) remove(ctx context.Context, id string) error {
	ours, err := x.automations()
	if err != nil {
		return err
	}
	for _, a := range ours {
		if !runsOnly(a, id) {
			continue
		}
		if err := prefect.IgnoreNotFound(x.api.DeleteAutomation(ctx, a.ID)); err != nil {
			return err
		}
	}
	return remove(ctx, x.api, id)
}

// ownAutomations gives the automations that carry our tag; none on servers that know no tags.
func ownAutomations(ctx context.Context, api *prefect.Client, p plan.Plan) ([]prefect.Automation, error) {
	if !p.Release.AtLeast(prefect.FullAutomations()) {
		return nil, nil
	}
	list, err := api.AutomationsTagged(ctx, p.Owner.Tag())
	if err != nil {
		return nil, fmt.Errorf("listing our automations: %w", err)
	}
	return list, nil
}

// runsOnly tells whether all that an automation does is to run that deployment.
func runsOnly(a prefect.Automation, id string) bool {
	actions := slices.Concat(a.Actions, a.ActionsOnTrigger, a.ActionsOnResolve)
	return len(actions) > 0 && !slices.ContainsFunc(actions, func(action map[string]any) bool {
		return action["type"] != "run-deployment" || action["deployment_id"] != id
	})
}

func remove(ctx context.Context, api *prefect.Client, id string) error {
	// Automations first: without their deployment they could no longer be told from foreign ones.
	if err := prefect.IgnoreNotFound(api.DeleteAutomationsOwnedBy(ctx, id)); err != nil {
		return err
	}
	return prefect.IgnoreNotFound(api.DeleteDeployment(ctx, id))
}

// Remove deletes deployments with their automations and gives what became of each; one that is gone already counts as deleted. Flows and the
// history of their runs stay. A cancelled context ends after the request in flight.
func Remove(ctx context.Context, api *prefect.Client, list []plan.Action) []plan.Outcome {
	out := outcomesOf(plan.Delete, list)
	perform(ctx, out, func(i int) error { return remove(ctx, api, list[i].ID) })
	return out
}
