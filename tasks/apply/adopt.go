package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Adopt makes the given deployments ours by adding our tag; nothing else of them changes. Each is read again right before: one that somebody
// else has claimed meanwhile is refused.
func Adopt(ctx context.Context, api *prefect.Client, owner ownership.Owner, list []plan.Action) plan.Result {
	r := plan.Result{Outcomes: outcomesOf(plan.Adopted, list)}
	perform(ctx, r.Outcomes, func(i int) error { return adopt(ctx, api, owner, list[i]) })
	return r
}

// adopt reads the deployment, adds our tag, and reads it back.
func adopt(ctx context.Context, api *prefect.Client, owner ownership.Owner, a plan.Action) error {
	before, err := api.Deployment(ctx, a.ID)
	switch others := owner.Others(before.Tags); {
	case prefect.IsNotFound(err):
		return &fault.Error{Code: fault.Server, What: "the deployment is gone", Why: "somebody deleted it meanwhile", Next: "run the same command again"}
	case err != nil:
		return err
	case len(others) > 0:
		return &fault.Error{Code: fault.Refused, What: owner.ClaimedBy(a.Flow+"/"+a.Name, before.Tags, others), Next: others[0].GiveBack(a.Flow + "/" + a.Name)}
	case owner.Owns(before.Tags):
		return nil
	}
	wanted := before
	wanted.Tags = append(slices.Clone(before.Tags), owner.Tag())
	if err := api.UpdateDeployment(ctx, a.ID, map[string]any{plan.FieldTags: wanted.Tags}); err != nil {
		return err
	}
	after, err := api.Deployment(ctx, a.ID)
	if err != nil {
		return err
	}
	return same(wanted, after)
}

// same compares what was read back with what should be there, to the last field.
func same(wanted, after prefect.Deployment) error {
	want, err := plan.StateOf(wanted)
	if err != nil {
		return err
	}
	have, err := plan.StateOf(after)
	if err != nil || want.Hash() == have.Hash() {
		return err
	}
	field := "schedules"
	if _, changes := plan.Compare(want.Fields, have.Fields); len(changes) > 0 {
		field = changes[0].Field
	}
	return fmt.Errorf("%w: %s is another one now", ErrDiffers, field)
}
