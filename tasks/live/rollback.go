package live

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Rollback gives the plan that leads back to the state right after receipt number `to`, 0 for the state before the first one. It
// restores definitions, not code: notes tell what could not be restored. Deployments that were not ours then, or that nothing
// changed since, are not in it.
func Rollback(ctx context.Context, api *prefect.Client, owner ownership.Owner, history []receipt.Receipt, to int) (plan.Plan, []string, error) {
	past, err := pastAt(ctx, api, history, to)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	live, err := Read(ctx, api, owner, past.desired(), nil)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	live.AnyPool = true // it was good enough then
	p := plan.Plan{Project: owner.Project, Env: owner.Env, API: api.URL(), Owner: owner, Release: live.Release, Flows: live.Flows, Seen: live.Deployments}
	var notes []string
	for _, key := range slices.Sorted(maps.Keys(past)) {
		x := past[key]
		have := live.Find(x.flow, x.name)
		switch {
		case have != nil && !plan.MayUpdate(owner, *have, live.Known[have.ID]):
			notes = append(notes, x.name+" stays: it is not ours any more")
			continue
		case x.state == nil && have != nil && !owner.Owns(have.Tags):
			notes = append(notes, x.name+" stays: it lost our tag, and is not deleted before it carries it again")
			continue
		case x.state == nil && have != nil:
			p.Actions = append(p.Actions, plan.Action{Op: plan.Delete, Name: x.name, Flow: x.flow, Entrypoint: prefect.Text(have.Entrypoint), ID: have.ID, Have: have})
			continue
		case x.state == nil:
			continue
		}
		a, more, err := x.action(owner, live, have)
		if err != nil {
			return plan.Plan{}, nil, err
		}
		p.Actions, notes = append(p.Actions, a), append(notes, more...)
	}
	p.Sort()
	return p, notes, noteLateRuns(ctx, api, &p)
}

// then is a deployment as it was; without a state it was not there.
type then struct {
	flow, name string
	state      *plan.State
}

type pastState map[string]then

// pastAt undoes the receipts above number `to`, the newest first: the oldest of them has the last word.
func pastAt(ctx context.Context, api *prefect.Client, history []receipt.Receipt, to int) (pastState, error) {
	if to < 0 || to >= len(history) {
		return nil, &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("there is nothing to roll back to number %d", to), Why: fmt.Sprintf("the history has %d entries", len(history)),
			Next: "mage deploy:history shows them; -to=N goes back to the state right after number N",
		}
	}
	out := pastState{}
	for i := len(history) - 1; i >= to; i-- {
		r, err := receipt.Load(ctx, api, history[i])
		if err != nil {
			return nil, err
		}
		for _, e := range r.Entries {
			switch {
			case e.Op == plan.Create && e.ID != "":
				out[e.Flow+"/"+e.Name] = then{flow: e.Flow, name: e.Name}
			case (e.Op == plan.Update || e.Op == plan.Delete) && e.Prior != nil:
				out[e.Flow+"/"+e.Name] = then{flow: e.Flow, name: e.Name, state: e.Prior}
			}
		}
	}
	return out, nil
}

// desired names what is looked for on the server.
func (p pastState) desired() []plan.Desired {
	out := make([]plan.Desired, 0, len(p))
	for _, x := range p {
		out = append(out, plan.Desired{Name: x.name, Flow: &flow.Flow{Name: x.flow}})
	}
	return out
}

// action leads one deployment back; have is nil when it is not there.
func (x then) action(owner ownership.Owner, live plan.Live, have *prefect.Deployment) (plan.Action, []string, error) {
	now := map[string]any{}
	if have != nil {
		current, err := plan.StoredFields(*have)
		if err != nil {
			return plan.Action{}, nil, err
		}
		now = current
	}
	fields, masks := unmasked(x.state.Fields, now, "")
	d := plan.Desired{Name: x.name, Flow: &flow.Flow{Name: x.flow}, HasSchedules: true}
	d.Fields, _ = fields.(map[string]any)
	d.Flow.Entrypoint, _ = d.Fields[plan.FieldEntrypoint].(string)
	for _, r := range x.state.Schedules {
		d.Schedules = append(d.Schedules, r.Schedule())
	}
	if have != nil { // what is there keeps the pause or not that people gave it
		delete(d.Fields, plan.FieldPaused)
		for i, s := range schedules.Pair(d.Schedules, have.Schedules).Have {
			if s != nil {
				d.Schedules[i].Active = nil
			}
		}
	}
	a, err := plan.ActionFor(owner, d, live)
	if err != nil {
		return a, nil, err
	}
	var notes []string
	if len(masks) > 0 {
		notes = append(notes, fmt.Sprintf("%s: secrets are not in the receipt, the values of now stay: %s", x.name, strings.TrimPrefix(strings.Join(masks, ", "), ".")))
	}
	return a, notes, nil
}

// unmasked puts values of now in place of masks; where there is none, the key goes. It gives the paths of all masks.
func unmasked(v, now any, path string) (any, []string) {
	switch x := v.(type) {
	case map[string]any:
		current, _ := now.(map[string]any)
		out := make(map[string]any, len(x))
		var lost []string
		for _, k := range slices.Sorted(maps.Keys(x)) {
			have, there := current[k]
			value, more := unmasked(x[k], have, path+"."+k)
			lost = append(lost, more...)
			if value == secret.Mask && !there {
				continue
			}
			out[k] = value
		}
		return out, lost
	case []any:
		current, _ := now.([]any)
		out := make([]any, 0, len(x))
		var lost []string
		for i := range x {
			var have any
			if i < len(current) {
				have = current[i]
			}
			value, more := unmasked(x[i], have, fmt.Sprintf("%s.%d", path, i))
			out, lost = append(out, value), append(lost, more...)
		}
		return out, lost
	case string:
		if strings.Contains(x, secret.Mask) {
			if now == nil {
				return secret.Mask, []string{path}
			}
			return now, []string{path}
		}
	}
	return v, nil
}
