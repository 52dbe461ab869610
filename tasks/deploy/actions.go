package deploy

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Diff compares what shall be with what is. A deployment of the same name that is not the owner's is blocked: it is never
// changed.
func Diff(owner Owner, desired []Desired, live Live) (Plan, error) {
	p := Plan{Project: owner.Project, Env: owner.Env, API: live.API, owner: owner, release: live.release, flows: live.flows, seen: live.Deployments}
	var err error
	if p.Pools, err = live.poolActions(owner, desired); err != nil {
		return Plan{}, err
	}
	if p.Actions, err = actions(owner, desired, live); err != nil {
		return Plan{}, err
	}
	p.sort()
	return p, nil
}

// actions compares the deployments, on all processors: the server has answered, and nobody else does anything now.
func actions(owner Owner, desired []Desired, live Live) ([]Action, error) {
	out := make([]Action, len(desired))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, d := range desired {
		same, known := live.same[flowAndName{d.Flow.Name, d.Name}]
		if known {
			out[i] = same
			continue
		}
		group.Go(func() (err error) {
			if out[i], err = action(owner, d, live); err != nil {
				return fmt.Errorf("deployment %s: %w", d.Name, err)
			}
			return nil
		})
	}
	return out, group.Wait()
}

func action(owner Owner, d Desired, live Live) (Action, error) {
	d, notes := fit(d, live.release)
	a := Action{Name: d.Name, Flow: d.Flow.Name, Entrypoint: d.Flow.Entrypoint, Notes: notes, desired: d, release: live.release}
	for _, problem := range []func(Desired) (finding.Finding, bool){live.poolProblem, live.triggerProblem} {
		if reason, bad := problem(d); bad {
			a.Op, a.Reasons = Blocked, finding.List{reason}
			return a, nil
		}
	}
	if live.release.AtLeast(prefect.FullAutomations()) {
		a.tag = owner.Tag()
	}
	have := live.find(d.Flow.Name, d.Name)
	if have == nil {
		a.Op, a.fields, a.Changes = Create, d.Fields, overview(d)
		edits, changes, err := compareTriggers(d.automations(), a.tag, nil)
		a.triggers, a.Changes = edits, append(a.Changes, changes...)
		a.awaitSteps()
		return a, err
	}
	a.ID = have.ID
	if reason, refused := refused(owner, d, *have); refused {
		a.Op, a.Reasons, a.claimed = Blocked, finding.List{reason}, true
		return a, nil
	}
	if !MayUpdate(owner, *have, live.known[have.ID]) {
		a.Op, a.Reasons, a.Foreign = Blocked, finding.List{foreign(owner, d, *have)}, have
		return a, nil
	}
	if !owner.Owns(have.Tags) {
		a.Notes = append(a.Notes, lostTag)
	}
	a.have = have
	err := a.compare(live.automations[have.ID])
	return a, err
}

// compare fills in what an existing deployment of ours needs.
func (a *Action) compare(automations []prefect.Automation) error {
	changes, err := a.compareStored()
	if err != nil {
		return err
	}
	edits, more, err := compareTriggers(a.desired.automations(), a.tag, automations)
	if err != nil {
		return err
	}
	a.triggers, a.Changes = edits, slices.Concat(changes, more)
	a.Notes = slices.Concat(a.Notes, pauses(a.desired, *a.have), edits.notes)
	if a.Op = Update; !a.writes() && len(a.desired.Steps) == 0 {
		a.Op = Unchanged
	}
	a.awaitSteps()
	return nil
}

// compareStored sets the fields and schedules to write, and gives the changes to show.
func (a *Action) compareStored() ([]Change, error) {
	current, err := liveFields(*a.have)
	if err != nil {
		return nil, err
	}
	fields, changes := compare(a.desired.Fields, current)
	schedules, more := compareSchedules(a.desired.Schedules, a.desired.HasSchedules, a.have.Schedules)
	a.fields, a.schedules = fields, schedules
	return slices.Concat(changes, more), nil
}

// writes tells whether an update has anything to write.
func (a *Action) writes() bool {
	return len(a.fields) > 0 || !a.schedules.empty() || !a.triggers.empty()
}

// pauses tells what is paused on the server though nothing in the manifest says so.
func pauses(d Desired, have prefect.Deployment) []string {
	var out []string
	if _, said := d.Paused(); have.Paused && !said {
		out = append(out, "it is paused on the server, and stays so")
	}
	if !slices.ContainsFunc(have.Schedules, func(s prefect.Schedule) bool { return !s.Active }) {
		return out
	}
	for i, x := range pair(d.Schedules, have.Schedules).have {
		if s := d.Schedules[i]; x != nil && !x.Active && s.Active == nil {
			name := cmp.Or(s.Slug, describe(wantedSchedule(s), nil))
			out = append(out, fmt.Sprintf("its schedule %s is paused on the server, and stays so", name))
		}
	}
	return out
}

// overview gives the values of a new deployment that a person wants to see in a plan.
func overview(d Desired) []Change {
	var out []Change
	for _, field := range []string{FieldEntrypoint, FieldPool, FieldParameters, FieldJob} {
		v := d.Fields[field]
		if m, ok := v.(map[string]any); ok {
			if len(m) > 0 {
				out = append(out, explain(field, map[string]any{}, m)...)
			}
			continue
		}
		out = append(out, Change{Field: field, To: v})
	}
	for i, s := range d.Schedules {
		out = append(out, Change{Field: label(d.Schedules, i), To: describe(wantedSchedule(s), s.Active)})
	}
	return out
}
