package deploy

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// settleSchedules executes the edits of a deployment's schedules.
func settleSchedules(ctx context.Context, api *prefect.Client, e scheduleEdits, deployment string, d Desired) error {
	// Removing comes first: what takes the place of a schedule must not run beside it.
	for _, id := range e.remove {
		if err := api.DeleteSchedule(ctx, deployment, id); err != nil && !prefect.IsNotFound(err) {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(e.update)) {
		if err := api.UpdateSchedule(ctx, deployment, id, e.update[id]); err != nil {
			return err
		}
	}
	// The server takes a schedule without a slug as often as it is sent. So when the answer is lost, what is there is looked at before it is
	// sent again.
	for try := 1; len(e.create) > 0; try++ {
		_, err := api.CreateSchedules(ctx, deployment, e.create)
		if err == nil || try == maxCreates || prefect.IsRefusal(err) {
			return err
		}
		now, readErr := api.Schedules(ctx, deployment)
		if readErr != nil {
			return errors.Join(err, readErr)
		}
		e, _ = compareSchedules(d.Schedules, d.HasSchedules, now)
	}
	return nil
}

// SettleSchedules edits the schedules of a stored deployment as a deploy does, for deployments that are written by somebody else, and gives
// the changes: none where no schedules are declared.
func SettleSchedules(ctx context.Context, api *prefect.Client, stored prefect.Deployment, d Desired) ([]Change, error) {
	edits, changes := compareSchedules(d.Schedules, d.HasSchedules, stored.Schedules)
	return changes, settleSchedules(ctx, api, edits, stored.ID, d)
}

// maxCreates is how often schedules are sent whose answer is lost each time.
const maxCreates = 5
