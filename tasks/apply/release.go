package apply

import (
	"context"

	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/automations"
	"github.com/flowmage/flowmage/tasks/prefect"
)

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
		if err := api.UpdateAutomation(ctx, a.ID, releasing(owner, a)); err != nil && !prefect.IsNotFound(err) {
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
