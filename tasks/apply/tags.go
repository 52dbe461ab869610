package apply

import (
	"context"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/automations"
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

// Releasing gives the result of a [Release] in which nothing fails.
func Releasing(list []live.Holding) plan.Result {
	var r plan.Result
	for _, x := range list {
		r.Outcomes = append(r.Outcomes, plan.Outcome{Op: plan.Released, Name: x.Name, Flow: x.Flow, ID: x.ID})
	}
	return r
}

// Release gives deployments back by taking our tag off them and off their automations, and tells what became of each. Nothing else changes.
// An automation that counts events keeps the tag, too: it would forget what it has seen with the edit. That makes nothing ours, since
// automations are looked at by their deployment.
func Release(ctx context.Context, api *prefect.Client, owner ownership.Owner, list []live.Holding) plan.Result {
	r := Releasing(list)
	automations, unread := live.AllAutomations(ctx, api)
	perform(ctx, r.Outcomes, func(i int) error {
		if unread != nil {
			return unread
		}
		id := r.Outcomes[i].ID
		return release(ctx, api, owner, id, automations[id])
	})
	return r
}

// release reads a deployment again, so that only our tag goes, and takes it off where it is.
func release(ctx context.Context, api *prefect.Client, owner ownership.Owner, id string, found []prefect.Automation) error {
	d, err := api.Deployment(ctx, id)
	switch {
	case prefect.IsNotFound(err):
		return nil // there is nothing to give back
	case err != nil:
		return err
	}
	for _, a := range found { // first: with the deployment still ours, a second try finds them
		if !owner.Claims(a.Tags) || automations.Remembers(a) {
			continue
		}
		if err := prefect.IgnoreNotFound(api.UpdateAutomation(ctx, a.ID, releasing(owner, a))); err != nil {
			return err
		}
	}
	if !owner.Claims(d.Tags) {
		return nil
	}
	return api.UpdateDeployment(ctx, id, map[string]any{plan.FieldTags: owner.Without(d.Tags)})
}

// releasing gives an automation as the API takes it, without our tag.
func releasing(o ownership.Owner, a prefect.Automation) map[string]any {
	return map[string]any{
		"name": a.Name, "description": a.Description, "enabled": a.Enabled, "tags": o.Without(a.Tags), "trigger": a.Trigger, "actions": listOf(a.Actions),
		"actions_on_trigger": listOf(a.ActionsOnTrigger), "actions_on_resolve": listOf(a.ActionsOnResolve),
	}
}

// listOf gives a list that is written as such when it is empty, too.
func listOf(actions []map[string]any) []map[string]any { return append([]map[string]any{}, actions...) }
