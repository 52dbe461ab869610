package apply

import (
	"context"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Remove deletes deployments with their automations and gives what became of each; one that is gone already counts as deleted. Flows and the
// history of their runs stay. A cancelled context ends after the request in flight.
func Remove(ctx context.Context, api *prefect.Client, list []plan.Action) []plan.Outcome {
	out := outcomesOf(plan.Delete, list)
	perform(ctx, out, func(i int) error { return remove(ctx, api, list[i].ID) })
	return out
}
