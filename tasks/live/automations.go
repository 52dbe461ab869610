package live

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// readAutomations gives all automations that run a deployment, by that deployment's id, when any of the desired ones may have some.
func AutomationsOf(ctx context.Context, api *prefect.Client, desired []plan.Desired) (map[string][]prefect.Automation, error) {
	if !slices.ContainsFunc(desired, plan.Desired.Automated) {
		return map[string][]prefect.Automation{}, nil
	}
	return AllAutomations(ctx, api)
}

// allAutomations gives all automations that run a deployment, by that deployment's id.
func AllAutomations(ctx context.Context, api *prefect.Client) (map[string][]prefect.Automation, error) {
	found, err := api.Automations(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string][]prefect.Automation{}
	for _, a := range found {
		if len(a.Actions) == 0 {
			continue
		}
		if id, ok := a.Actions[0]["deployment_id"].(string); ok && a.Actions[0]["type"] == "run-deployment" {
			out[id] = append(out[id], a)
		}
	}
	return out, nil
}
