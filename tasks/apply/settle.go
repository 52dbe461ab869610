package apply

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/automations"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// settleSchedules executes the edits of a deployment's schedules.
func settleSchedules(ctx context.Context, api *prefect.Client, e schedules.Edits, deployment string, d plan.Desired) error {
	// Removing comes first: what takes the place of a schedule must not run beside it.
	for _, id := range e.Remove {
		if err := prefect.IgnoreNotFound(api.DeleteSchedule(ctx, deployment, id)); err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.Update)) {
		if err := api.UpdateSchedule(ctx, deployment, id, e.Update[id]); err != nil {
			return err
		}
	}
	// The server takes a schedule without a slug as often as it is sent. So when the answer is lost, what is there is looked at before it is
	// sent again.
	for try := 1; len(e.Create) > 0; try++ {
		_, err := api.CreateSchedules(ctx, deployment, e.Create)
		if err == nil || try == maxCreates || prefect.IsRefusal(err) {
			return err
		}
		now, readErr := api.Schedules(ctx, deployment)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		e, _ = schedules.Compare(d.Schedules, d.HasSchedules, now)
	}
	return nil
}

// SettleSchedules edits the schedules of a stored deployment as a deploy does, for deployments that are written by somebody else, and gives
// the changes: none where no schedules are declared.
func SettleSchedules(ctx context.Context, api *prefect.Client, stored prefect.Deployment, d plan.Desired) ([]canonical.Change, error) {
	edits, changes := schedules.Compare(d.Schedules, d.HasSchedules, stored.Schedules)
	return changes, settleSchedules(ctx, api, edits, stored.ID, d)
}

// maxCreates is how often schedules are sent whose answer is lost each time.
const maxCreates = 5

// settleTriggers executes the edits of a deployment's automations.
func settleTriggers(ctx context.Context, api *prefect.Client, e automations.Edits, deployment string) error {
	for _, id := range e.Remove {
		if err := prefect.IgnoreNotFound(api.DeleteAutomation(ctx, id)); err != nil {
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
