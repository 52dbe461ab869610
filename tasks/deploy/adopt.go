package deploy

import (
	"context"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Adopt makes the given deployments ours by adding our tag; nothing else of them changes. Each is read again right before: one that somebody
// else has claimed meanwhile is refused.
func Adopt(ctx context.Context, api *prefect.Client, owner Owner, list []Action) Result {
	r := Result{Outcomes: outcomesOf(Adopted, list)}
	perform(ctx, r.Outcomes, func(i int) error { return list[i].adopt(ctx, api, owner) })
	return r
}

// adopt reads the deployment, adds our tag, and reads it back.
func (a Action) adopt(ctx context.Context, api *prefect.Client, owner Owner) error {
	before, err := api.Deployment(ctx, a.ID)
	switch others := owner.others(before.Tags); {
	case prefect.IsNotFound(err):
		return &fault.Error{Code: fault.Server, What: "the deployment is gone", Why: "somebody deleted it meanwhile", Next: "run the same command again"}
	case err != nil:
		return err
	case len(others) > 0:
		return &fault.Error{Code: fault.Refused, What: owner.claimedBy(a.Flow+"/"+a.Name, before.Tags, others), Next: others[0].way(a.Flow + "/" + a.Name)}
	case owner.Owns(before.Tags):
		return nil
	}
	wanted := before
	wanted.Tags = append(slices.Clone(before.Tags), owner.Tag())
	if err := api.UpdateDeployment(ctx, a.ID, map[string]any{FieldTags: wanted.Tags}); err != nil {
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
	want, err := stateOf(wanted)
	if err != nil {
		return err
	}
	have, err := stateOf(after)
	if err != nil || want.Hash() == have.Hash() {
		return err
	}
	field := "schedules"
	if _, changes := compare(want.Fields, have.Fields); len(changes) > 0 {
		field = changes[0].Field
	}
	return fmt.Errorf("%w: %s is another one now", ErrDiffers, field)
}
