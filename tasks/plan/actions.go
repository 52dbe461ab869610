package plan

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan/automations"
	"github.com/flowmage/flowmage/tasks/plan/schedules"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Diff compares what shall be with what is. A deployment of the same name that is not the owner's is blocked: it is never
// changed.
func Diff(owner ownership.Owner, desired []Desired, live Live) (Plan, error) {
	p := Plan{Project: owner.Project, Env: owner.Env, API: live.API, Owner: owner, Release: live.Release, Flows: live.Flows, Seen: live.Deployments}
	var err error
	if p.Pools, err = live.poolActions(owner, desired); err != nil {
		return Plan{}, err
	}
	if p.Actions, err = actionsFor(owner, desired, live); err != nil {
		return Plan{}, err
	}
	p.Sort()
	return p, nil
}

// actionsFor compares the deployments, on all processors: the server has answered, and nobody else does anything now.
func actionsFor(owner ownership.Owner, desired []Desired, live Live) ([]Action, error) {
	out := make([]Action, len(desired))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, d := range desired {
		same, known := live.Same[Key{d.Flow.Name, d.Name}]
		if known {
			out[i] = same
			continue
		}
		group.Go(func() (err error) {
			if out[i], err = ActionFor(owner, d, live); err != nil {
				return fmt.Errorf("deployment %s: %w", d.Name, err)
			}
			return nil
		})
	}
	return out, group.Wait()
}

// ActionFor compares one deployment with what the server holds.
func ActionFor(owner ownership.Owner, d Desired, live Live) (Action, error) {
	d, notes := fit(d, live.Release)
	a := Action{Name: d.Name, Flow: d.Flow.Name, Entrypoint: d.Flow.Entrypoint, Notes: notes, Desired: d, Release: live.Release}
	for _, problem := range []func(Desired) (finding.Finding, bool){live.poolProblem, live.triggerProblem} {
		if reason, bad := problem(d); bad {
			a.Op, a.Reasons = Blocked, finding.List{reason}
			return a, nil
		}
	}
	if live.Release.AtLeast(prefect.FullAutomations()) {
		a.Tag = owner.Tag()
	}
	have := live.Find(d.Flow.Name, d.Name)
	if have == nil {
		a.Op, a.Fields, a.Changes = Create, d.Fields, overview(d)
		edits, changes, err := automations.Compare(d.Automations(), a.Tag, nil)
		a.Triggers, a.Changes = edits, append(a.Changes, changes...)
		a.awaitSteps()
		return a, err
	}
	a.ID = have.ID
	if reason, refused := refusalOf(owner, d, *have); refused {
		a.Op, a.Reasons, a.Claimed = Blocked, finding.List{reason}, true
		return a, nil
	}
	if !MayUpdate(owner, *have, live.Known[have.ID]) {
		a.Op, a.Reasons, a.Foreign = Blocked, finding.List{foreign(owner, d, *have)}, have
		return a, nil
	}
	if !owner.Owns(have.Tags) {
		a.Notes = append(a.Notes, lostTag)
	}
	a.Have = have
	err := a.compare(live.Automations[have.ID])
	return a, err
}

// compare fills in what an existing deployment of ours needs.
func (a *Action) compare(found []prefect.Automation) error {
	changes, err := a.CompareStored()
	if err != nil {
		return err
	}
	edits, more, err := automations.Compare(a.Desired.Automations(), a.Tag, found)
	if err != nil {
		return err
	}
	a.Triggers, a.Changes = edits, slices.Concat(changes, more)
	a.Notes = slices.Concat(a.Notes, pauses(a.Desired, *a.Have), edits.Notes)
	if a.Op = Update; !a.Writes() && len(a.Desired.Steps) == 0 {
		a.Op = Unchanged
	}
	a.awaitSteps()
	return nil
}

// CompareStored sets the fields and schedules to write, and gives the changes to show.
func (a *Action) CompareStored() ([]canonical.Change, error) {
	current, err := storedFields(*a.Have)
	if err != nil {
		return nil, err
	}
	fields, changes := Compare(a.Desired.Fields, current)
	schedules, more := schedules.Compare(a.Desired.Schedules, a.Desired.HasSchedules, a.Have.Schedules)
	a.Fields, a.Schedules = fields, schedules
	return slices.Concat(changes, more), nil
}

// Writes tells whether an update has anything to write.
func (a *Action) Writes() bool {
	return len(a.Fields) > 0 || !a.Schedules.Empty() || !a.Triggers.Empty()
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
	for i, x := range schedules.Pair(d.Schedules, have.Schedules).Have {
		if s := d.Schedules[i]; x != nil && !x.Active && s.Active == nil {
			name := cmp.Or(s.Slug, schedules.Describe(schedules.Wanted(s), nil))
			out = append(out, fmt.Sprintf("its schedule %s is paused on the server, and stays so", name))
		}
	}
	return out
}

// overview gives the values of a new deployment that a person wants to see in a plan.
func overview(d Desired) []canonical.Change {
	var out []canonical.Change
	for _, field := range []string{FieldEntrypoint, FieldPool, FieldParameters, FieldJob} {
		v := d.Fields[field]
		if m, ok := v.(map[string]any); ok {
			if len(m) > 0 {
				out = append(out, canonical.Explain(field, map[string]any{}, m)...)
			}
			continue
		}
		out = append(out, canonical.Change{Field: field, To: v})
	}
	for i, s := range d.Schedules {
		out = append(out, canonical.Change{Field: schedules.Label(d.Schedules, i), To: schedules.Describe(schedules.Wanted(s), s.Active)})
	}
	return out
}

// awaitSteps tells in the plan that steps will run, and what is known only then.
func (a *Action) awaitSteps() {
	steps := a.Desired.Steps
	if len(steps) == 0 {
		return
	}
	shown := map[string]bool{}
	for i, c := range a.Changes {
		field, _, _ := strings.Cut(c.Field, ".")
		shown[field] = true
		a.Changes[i].To = manifest.Later(c.To, steps)
	}
	if a.Op == Create {
		for _, field := range slices.Sorted(maps.Keys(a.Fields)) {
			v := a.Fields[field]
			if later := manifest.Later(v, steps); !shown[field] && !reflect.DeepEqual(v, later) {
				a.Changes = append(a.Changes, canonical.Change{Field: field, To: later})
			}
		}
	}
	names := make([]string, 0, len(steps))
	for i, s := range steps {
		names = append(names, cmp.Or(s.ID, fmt.Sprintf("number %d", i+1)))
	}
	a.Notes = append(a.Notes, "steps run before it is written: "+strings.Join(names, ", "))
}

// settled gives the values that wait for no step.
func (d Desired) settled(values map[string]any) map[string]any {
	if len(d.Steps) == 0 {
		return values
	}
	out := maps.Clone(values)
	maps.DeleteFunc(out, func(_ string, v any) bool { return !reflect.DeepEqual(v, manifest.Later(v, d.Steps)) })
	return out
}
