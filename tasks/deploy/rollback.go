package deploy

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Rollback gives the plan that leads back to the state right after receipt number `to`, 0 for the state before the first one. It
// restores definitions, not code: notes tell what could not be restored. Deployments that were not ours then, or that nothing
// changed since, are not in it.
func Rollback(ctx context.Context, api *prefect.Client, owner Owner, history []Receipt, to int) (Plan, []string, error) {
	past, err := past(ctx, api, history, to)
	if err != nil {
		return Plan{}, nil, err
	}
	live, err := Read(ctx, api, owner, past.desired(), nil)
	if err != nil {
		return Plan{}, nil, err
	}
	live.anyPool = true // it was good enough then
	p := Plan{Project: owner.Project, Env: owner.Env, API: api.URL(), owner: owner, release: live.release, flows: live.flows, seen: live.Deployments}
	var notes []string
	for _, key := range slices.Sorted(maps.Keys(past)) {
		x := past[key]
		have := live.find(x.flow, x.name)
		switch {
		case have != nil && !MayUpdate(owner, *have, live.known[have.ID]):
			notes = append(notes, x.name+" stays: it is not ours any more")
			continue
		case x.state == nil && have != nil && !owner.Owns(have.Tags):
			notes = append(notes, x.name+" stays: it lost our tag, and is not deleted before it carries it again")
			continue
		case x.state == nil && have != nil:
			p.Actions = append(p.Actions, Action{Op: Delete, Name: x.name, Flow: x.flow, Entrypoint: prefect.Text(have.Entrypoint), ID: have.ID, have: have})
			continue
		case x.state == nil:
			continue
		}
		a, more, err := x.action(owner, live, have)
		if err != nil {
			return Plan{}, nil, err
		}
		p.Actions, notes = append(p.Actions, a), append(notes, more...)
	}
	p.sort()
	return p, notes, noteLateRuns(ctx, api, &p)
}

// then is a deployment as it was; without a state it was not there.
type then struct {
	flow, name string
	state      *State
}

type pastState map[string]then

// past undoes the receipts above number `to`, the newest first: the oldest of them has the last word.
func past(ctx context.Context, api *prefect.Client, history []Receipt, to int) (pastState, error) {
	if to < 0 || to >= len(history) {
		return nil, &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("there is nothing to roll back to number %d", to), Why: fmt.Sprintf("the history has %d entries", len(history)),
			Next: "mage deploy:history shows them; -to=N goes back to the state right after number N",
		}
	}
	out := pastState{}
	for i := len(history) - 1; i >= to; i-- {
		r, err := Load(ctx, api, history[i])
		if err != nil {
			return nil, err
		}
		for _, e := range r.Entries {
			switch {
			case e.Op == Create && e.ID != "":
				out[e.Flow+"/"+e.Name] = then{flow: e.Flow, name: e.Name}
			case (e.Op == Update || e.Op == Delete) && e.Prior != nil:
				out[e.Flow+"/"+e.Name] = then{flow: e.Flow, name: e.Name, state: e.Prior}
			}
		}
	}
	return out, nil
}

// desired names what is looked for on the server.
func (p pastState) desired() []Desired {
	out := make([]Desired, 0, len(p))
	for _, x := range p {
		out = append(out, Desired{Name: x.name, Flow: &flow.Flow{Name: x.flow}})
	}
	return out
}

// action leads one deployment back; have is nil when it is not there.
func (x then) action(owner Owner, live Live, have *prefect.Deployment) (Action, []string, error) {
	now := map[string]any{}
	if have != nil {
		current, err := liveFields(*have)
		if err != nil {
			return Action{}, nil, err
		}
		now = current
	}
	fields, masks := unmasked(x.state.Fields, now, "")
	d := Desired{Name: x.name, Flow: &flow.Flow{Name: x.flow}, HasSchedules: true}
	d.Fields, _ = fields.(map[string]any)
	d.Flow.Entrypoint, _ = d.Fields[FieldEntrypoint].(string)
	for _, r := range x.state.Schedules {
		d.Schedules = append(d.Schedules, r.schedule())
	}
	if have != nil { // what is there keeps the pause or not that people gave it
		delete(d.Fields, FieldPaused)
		for i, s := range pair(d.Schedules, have.Schedules).have {
			if s != nil {
				d.Schedules[i].Active = nil
			}
		}
	}
	a, err := action(owner, d, live)
	if err != nil {
		return a, nil, err
	}
	var notes []string
	if len(masks) > 0 {
		notes = append(notes, fmt.Sprintf("%s: secrets are not in the receipt, the values of now stay: %s", x.name, strings.TrimPrefix(strings.Join(masks, ", "), ".")))
	}
	return a, notes, nil
}
