package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// Holding is one of the owner's deployments on the server.
type Holding struct {
	Name       string
	Flow       string
	Entrypoint string
	ID         string
	Kind       string // python or container; "" when its work pool is not there
	// Untagged says that it is known by the receipts alone: somebody has taken the tag off it.
	Untagged bool
}

// Holdings gives the owner's deployments, sorted by name and flow: those with the tag, whoever else's they have beside it, and those that
// the receipts know though the tag was taken away.
func Holdings(ctx context.Context, api *prefect.Client, owner Owner, known Known) ([]Holding, error) {
	list, err := present(ctx, api, owner, known)
	if err != nil {
		return nil, err
	}
	live := NewLive(nil)
	live.known = known
	list = slices.DeleteFunc(list, func(d prefect.Deployment) bool { return !owner.Claims(d.Tags) && !live.mayUpdate(owner, d) })
	flows, err := flowNames(ctx, api, list)
	if err != nil {
		return nil, err
	}
	pools, err := api.WorkPools(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing their work pools: %w", err)
	}
	for _, p := range pools {
		live.pools[p.Name] = p
	}
	out := make([]Holding, 0, len(list))
	for _, d := range list {
		out = append(out, Holding{
			Name: d.Name, Flow: flows[d.FlowID], Entrypoint: value(d.Entrypoint), ID: d.ID, Kind: live.kind(d), Untagged: !owner.Claims(d.Tags),
		})
	}
	slices.SortFunc(out, func(a, b Holding) int { return strings.Compare(a.Name+"/"+a.Flow, b.Name+"/"+b.Flow) })
	return out, nil
}

// flowNames gives the names of the deployments' flows, by id.
func flowNames(ctx context.Context, api *prefect.Client, list []prefect.Deployment) (map[string]string, error) {
	ids := make([]string, 0, len(list))
	for _, d := range list {
		ids = append(ids, d.FlowID)
	}
	flows, err := api.FlowsByID(ctx, distinct(ids))
	if err != nil {
		return nil, fmt.Errorf("listing their flows: %w", err)
	}
	out := make(map[string]string, len(flows))
	for _, f := range flows {
		out[f.ID] = f.Name
	}
	return out, nil
}

// present reads the deployments that carry our tag or that the receipts know.
func present(ctx context.Context, api *prefect.Client, owner Owner, known Known) ([]prefect.Deployment, error) {
	marked, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{owner.Tag()}})
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	ask := map[string]bool{}
	for id := range known.entries {
		ask[id] = true
	}
	for _, d := range marked {
		delete(ask, d.ID)
	}
	found, err := inParts(ctx, api, sortedKeys(ask), byID)
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	return append(marked, found...), nil
}

// Releasing gives the result of a [Release] in which nothing fails.
func Releasing(list []Holding) Result {
	var r Result
	for _, x := range list {
		r.Outcomes = append(r.Outcomes, Outcome{Op: Released, Name: x.Name, Flow: x.Flow, ID: x.ID})
	}
	return r
}

// Release gives deployments back by taking our tag off them and off their automations, and tells what became of each. Nothing else changes.
// An automation that counts events keeps the tag, too: it would forget what it has seen with the edit. That makes nothing ours, since
// automations are looked at by their deployment.
func Release(ctx context.Context, api *prefect.Client, owner Owner, list []Holding) Result {
	r := Releasing(list)
	automations, unread := allAutomations(ctx, api)
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
func release(ctx context.Context, api *prefect.Client, owner Owner, id string, automations []prefect.Automation) error {
	d, err := api.Deployment(ctx, id)
	switch {
	case prefect.IsNotFound(err):
		return nil // there is nothing to give back
	case err != nil:
		return err
	}
	for _, a := range automations { // first: with the deployment still ours, a second try finds them
		if !owner.Claims(a.Tags) || remembers(a) {
			continue
		}
		if err := api.UpdateAutomation(ctx, a.ID, owner.releasing(a)); err != nil && !prefect.IsNotFound(err) {
			return err
		}
	}
	if !owner.Claims(d.Tags) {
		return nil
	}
	return api.UpdateDeployment(ctx, id, map[string]any{FieldTags: owner.without(d.Tags)})
}

// releasing gives an automation as the API takes it, without our tag.
func (o Owner) releasing(a prefect.Automation) map[string]any {
	return map[string]any{
		"name": a.Name, "description": a.Description, "enabled": a.Enabled, "tags": o.without(a.Tags), "trigger": a.Trigger, "actions": listOf(a.Actions),
		"actions_on_trigger": listOf(a.ActionsOnTrigger), "actions_on_resolve": listOf(a.ActionsOnResolve),
	}
}

// listOf gives a list that is written as such when it is empty, too.
func listOf(actions []map[string]any) []map[string]any { return append([]map[string]any{}, actions...) }

// without gives the tags but for ours.
func (o Owner) without(tags []string) []string {
	return slices.DeleteFunc(append([]string{}, tags...), func(tag string) bool { return tag == o.Tag() })
}

// RecordTags gives the receipt of a command that changes nothing but our tag on deployments: of an adoption that was done, or of a
// release that was or is to be done. known is what [Recall] gave under the lock.
func RecordTags(ctx context.Context, api *prefect.Client, owner Owner, r Result, known Known, h Holder) (Receipt, error) {
	out := newReceipt(owner, h, h.Commit, tagSummary(r))
	done := map[string]Outcome{}
	for _, o := range r.Outcomes {
		done[o.ID] = o
		if o.Op == Released && o.Err == nil {
			out.Entries = append(out.Entries, Entry{Op: o.Op, Name: o.Name, Flow: o.Flow, ID: o.ID})
		}
	}
	list, err := present(ctx, api, owner, known)
	if err != nil {
		return out, err
	}
	l := Live{known: known}
	list = slices.DeleteFunc(list, func(d prefect.Deployment) bool { return !l.mayUpdate(owner, d) })
	flows, err := flowNames(ctx, api, list)
	if err != nil {
		return out, err
	}
	for _, d := range list {
		o, now := done[d.ID]
		if now && o.Err == nil && o.Op == Released {
			continue
		}
		e, err := carried(d, flows[d.FlowID], known)
		if err != nil {
			return out, err
		}
		if now {
			e.Op, e.Failure = o.Op, o.Failure
		}
		out.Entries = append(out.Entries, e)
	}
	return out, nil
}

// tagSummary counts what was done: "2 released, 1 failed".
func tagSummary(r Result) string {
	var parts []string
	for _, x := range []struct {
		op   Op
		word string
	}{{Adopted, "adopted"}, {Released, "released"}} {
		n := 0
		for _, o := range r.Outcomes {
			if o.Op == x.op && o.Err == nil {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, x.word))
		}
	}
	if failed := len(r.Failed()); failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", failed))
	}
	return strings.Join(parts, ", ")
}
