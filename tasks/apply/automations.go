package apply

import (
	"context"
	"maps"

	"github.com/flowmage/flowmage/tasks/plan/automations"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// settleTriggers executes the edits of a deployment's automations.
func settleTriggers(ctx context.Context, api *prefect.Client, e automations.Edits, deployment string) error {
	for _, id := range e.Remove {
		if err := api.DeleteAutomation(ctx, id); err != nil && !prefect.IsNotFound(err) {
			return err
		}
	}
	for _, c := range e.Change {
		if err := settleTrigger(ctx, api, c, deployment); err != nil {
			return err
		}
	}
	for _, body := range e.Create {
		if _, err := api.CreateAutomation(ctx, deployment, running(deployment, body)); err != nil {
			return err
		}
	}
	return nil
}

func settleTrigger(ctx context.Context, api *prefect.Client, c automations.Edit, deployment string) error {
	if c.Switch != nil {
		return api.SwitchAutomation(ctx, c.ID, *c.Switch)
	}
	return api.UpdateAutomation(ctx, c.ID, running(deployment, c.Body))
}

// running gives an automation's body with the deployment that it runs.
func running(deployment string, body map[string]any) map[string]any {
	actions, _ := body["actions"].([]any)
	action, _ := actions[0].(map[string]any)
	action = maps.Clone(action)
	action["deployment_id"] = deployment
	body = maps.Clone(body)
	body["actions"] = []any{action}
	return body
}
