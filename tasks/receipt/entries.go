package receipt

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Entry is one deployment in a receipt. Every deployment that was ours afterwards has one, whatever the command was about; one that the
// command did not look at has it from the receipt before, so that what other hands did since then can still be told.
type Entry struct {
	Op         plan.Op     `json:"op"`
	Name       string      `json:"name"`
	Flow       string      `json:"flow"`
	ID         string      `json:"id,omitempty"`
	Entrypoint string      `json:"entrypoint,omitempty"`
	Version    string      `json:"version,omitempty"`
	Commit     string      `json:"commit,omitempty"` // at which it was last written; not of what was last written before format 2, or never by us
	Hash       string      `json:"hash,omitempty"`   // of its state afterwards; empty when it is gone or its state is not known
	Prior      *plan.State `json:"prior,omitempty"`  // what an update or a deletion replaced
	Failure    string      `json:"error,omitempty"`
	Digest     string      `json:"digest,omitempty"` // of its image, where it is deployed by tag from a registry
}

// as describes the state in which the deployment is left.
func (e Entry) as(s plan.State) Entry {
	e.Hash = s.Hash()
	e.Entrypoint, _ = s.Fields[plan.FieldEntrypoint].(string)
	e.Version, _ = s.Fields[plan.FieldVersion].(string)
	return e
}

// After is what is known once a plan was applied.
type After struct {
	Stored    map[string]plan.State // what was read back, by deployment id
	Unchanged map[string]string     // what [plan.Plan.Unchanged] gave
	Known     Known                 // by the receipts before
	Others    []prefect.Deployment  // what [Others] gave
}

// Others gives the deployments that are ours, or are known as such, and on the server, and of which the result does not tell how they
// are: those that the plan did not look at, and those whose write failed. It asks the server only for what was not read before.
func Others(ctx context.Context, api *prefect.Client, p plan.Plan, r plan.Result, known Known) ([]prefect.Deployment, error) {
	told, ask := toldIn(r)
	var out []prefect.Deployment
	for _, d := range p.Seen {
		if told[d.ID] || ask[d.ID] || !plan.MayUpdate(p.Owner, d, known.Has(d.ID)) {
			continue
		}
		told[d.ID] = true
		out = append(out, d)
	}
	for id := range known.entries {
		if !told[id] {
			ask[id] = true
		}
	}
	found, err := api.DeploymentsByID(ctx, slices.Sorted(maps.Keys(ask)))
	if err != nil {
		return nil, fmt.Errorf("reading what was not written: %w", err)
	}
	// The server's filter is trusted for finding only, and what others have claimed meanwhile is theirs.
	found = slices.DeleteFunc(found, func(d prefect.Deployment) bool { return !ask[d.ID] || !plan.MayUpdate(p.Owner, d, known.Has(d.ID)) })
	return append(out, found...), nil
}

// toldIn gives the ids of the deployments of which the result tells how they are, and of those whose write failed.
func toldIn(r plan.Result) (told, failed map[string]bool) {
	told, failed = map[string]bool{}, map[string]bool{}
	for _, o := range r.Outcomes {
		switch {
		case o.Op == plan.Blocked || o.ID == "":
		case o.Err != nil:
			failed[o.ID] = true
		default:
			told[o.ID] = true
		}
	}
	return told, failed
}

// entriesOf tells what became of each deployment.
func entriesOf(p plan.Plan, r plan.Result, after After) ([]Entry, error) {
	present := make(map[string]prefect.Deployment, len(after.Others))
	for _, d := range after.Others {
		present[d.ID] = d
	}
	var out []Entry
	for i, o := range r.Outcomes {
		e, ok, err := entry(p.Actions[i], o, after)
		if err != nil {
			return nil, err
		}
		d, there := present[e.ID]
		if ok && there { // the write failed, wholly or in part
			delete(present, e.ID)
			state, err := plan.StateOf(d)
			if err != nil {
				return nil, fmt.Errorf("deployment %s: %w", d.Name, err)
			}
			e = e.as(state)
		}
		if ok {
			out = append(out, dated(p, e, after))
		}
	}
	for _, d := range after.Others {
		if _, left := present[d.ID]; !left {
			continue
		}
		e, err := carried(d, p.Flows[d.FlowID], after.Known)
		if err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// entry gives a deployment's part of a receipt; ok is false when it is not ours or not on the server.
func entry(a plan.Action, o plan.Outcome, after After) (Entry, bool, error) {
	e := Entry{Op: o.Op, Name: o.Name, Flow: o.Flow, ID: o.ID, Failure: o.Failure}
	if s, ok := after.Stored[o.ID]; ok {
		e = e.as(s)
	}
	if a.Have == nil {
		return e, o.Op == plan.Create, nil
	}
	if a.Desired.Flow == nil && o.Op != plan.Delete { // left over, or not chosen: it was compared with nothing
		e, err := carried(*a.Have, o.Flow, after.Known)
		e.Op = o.Op
		return e, true, err
	}
	if hash, known := after.Unchanged[o.ID]; known {
		e.Hash, e.Entrypoint, e.Version = hash, prefect.Text(a.Have.Entrypoint), prefect.Text(a.Have.Version)
		return e, true, nil
	}
	prior, err := plan.StateOf(*a.Have)
	if err != nil {
		return e, false, fmt.Errorf("deployment %s: %w", a.Name, err)
	}
	switch o.Op {
	case plan.Update, plan.Delete:
		e.Prior = new(prior.Masked())
	default: // planned as an update, and after its steps there was nothing to write
		e = e.as(prior)
	}
	return e, true, nil
}

// dated says at which commit the deployment was written, and from which image: as before, unless it was written now.
func dated(p plan.Plan, e Entry, after After) Entry {
	if _, now := after.Stored[e.ID]; now {
		e.Commit = p.Commit
		return e
	}
	before := after.Known.entries[e.ID]
	e.Commit, e.Digest = before.Commit, before.Digest
	return e
}

// carried gives the entry of a deployment to which nothing was done: that of the receipt before, else one of its present state.
func carried(d prefect.Deployment, flow string, known Known) (Entry, error) {
	e, ok := known.entries[d.ID]
	e.Op, e.Prior, e.Failure = plan.Unchanged, nil, ""
	e.ID, e.Name, e.Flow = d.ID, d.Name, cmp.Or(flow, e.Flow)
	if ok {
		e.Entrypoint, e.Version = cmp.Or(e.Entrypoint, prefect.Text(d.Entrypoint)), cmp.Or(e.Version, prefect.Text(d.Version)) // format 1 has neither
		return e, nil
	}
	state, err := plan.StateOf(d)
	if err != nil {
		return e, fmt.Errorf("deployment %s: %w", d.Name, err)
	}
	return e.as(state), nil
}

// RecordTags gives the receipt of a command that changes nothing but our tag on deployments: of an adoption that was done, or of a
// release that was or is to be done. known is what [Recall] gave under the lock.
func RecordTags(ctx context.Context, api *prefect.Client, owner ownership.Owner, r plan.Result, known Known, h lock.Holder) (Receipt, error) {
	out := newReceipt(owner, h, h.Commit, tagSummary(r))
	done := map[string]plan.Outcome{}
	for _, o := range r.Outcomes {
		done[o.ID] = o
		if o.Op == plan.Released && o.Err == nil {
			out.Entries = append(out.Entries, Entry{Op: o.Op, Name: o.Name, Flow: o.Flow, ID: o.ID})
		}
	}
	list, err := Present(ctx, api, owner, known)
	if err != nil {
		return out, err
	}
	list = slices.DeleteFunc(list, func(d prefect.Deployment) bool { return !plan.MayUpdate(owner, d, known.Has(d.ID)) })
	flows, err := api.FlowNames(ctx, list)
	if err != nil {
		return out, fmt.Errorf("listing their flows: %w", err)
	}
	for _, d := range list {
		o, now := done[d.ID]
		if now && o.Err == nil && o.Op == plan.Released {
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
func tagSummary(r plan.Result) string {
	done := map[plan.Op]int{}
	for _, o := range r.Outcomes {
		if o.Err == nil {
			done[o.Op]++
		}
	}
	var parts []string
	if n := done[plan.Adopted]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d adopted", n))
	}
	if n := done[plan.Released]; n > 0 {
		parts = append(parts, fmt.Sprintf("%d released", n))
	}
	if failed := len(r.Failed()); failed > 0 {
		parts = append(parts, fmt.Sprintf("%d failed", failed))
	}
	return strings.Join(parts, ", ")
}

// Present reads the deployments that carry our tag or that the receipts know.
func Present(ctx context.Context, api *prefect.Client, owner ownership.Owner, known Known) ([]prefect.Deployment, error) {
	marked, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{owner.Tag()}})
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	ask := known.IDs()
	for _, d := range marked {
		delete(ask, d.ID)
	}
	found, err := api.DeploymentsByID(ctx, slices.Sorted(maps.Keys(ask)))
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	return append(marked, found...), nil
}
