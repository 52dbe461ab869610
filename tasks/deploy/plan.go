package deploy

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Op is what happens to one deployment.
type Op string

// The operations.
const (
	Create    Op = "create"
	Update    Op = "update"
	Unchanged Op = "unchanged"
	Blocked   Op = "blocked" // an error stands in the way; nothing is written
	Delete    Op = "delete"
	Leftover  Op = "leftover" // ours, asked for by nothing, and not to be deleted: prune is off, or something speaks for it
	Adopted   Op = "adopt"    // somebody else's that was made ours; no plan has it, receipts do
	Released  Op = "release"  // ours that was given back; no plan has it, receipts do
)

// Plan is everything an apply would do. It is data: printed, written as JSON, or executed by [Apply].
type Plan struct {
	Project string   `json:"project"`
	Env     string   `json:"environment"`
	API     string   `json:"api"`
	Commit  string   `json:"commit"`
	Pools   []Pool   `json:"pools,omitempty"`
	Actions []Action `json:"deployments"`

	owner    Owner
	takeOver string // the command that adopts what is in the way
	release  prefect.Release
	flows    map[string]string    // that exist: id to name
	live     []prefect.Deployment // that it was made from: ours, and what has a wanted name
}

// Action is one deployment's part of the plan.
type Action struct {
	Op         Op     `json:"op"`
	Name       string `json:"name"`
	Flow       string `json:"flow"`
	Entrypoint string `json:"entrypoint"`
	ID         string `json:"id,omitempty"` // of the deployment on the server, when it exists
	// Changes are the differences of an update, or the values of a create that people want to see.
	Changes []Change `json:"changes,omitempty"`
	// Reasons are the findings that block it.
	Reasons finding.List `json:"reasons,omitempty"`
	// Notes are what people did on the server and a deploy leaves alone, such as a pause.
	Notes []string `json:"notes,omitempty"`
	// Stays says why a leftover is not deleted.
	Stays string `json:"stays,omitempty"`

	desired   Desired
	have      *prefect.Deployment // on the server, when it is ours
	foreign   *prefect.Deployment // on the server, when it blocks ours because it is nobody's
	claimed   bool                // what is on the server belongs to somebody, or a program serves it
	fields    map[string]any      // to write
	schedules scheduleEdits
	triggers  triggerEdits
	release   prefect.Release // of the server
	tag       string          // of our automations; "" on servers that know none
}

// Empty tells whether applying the plan would write nothing.
func (p Plan) Empty() bool {
	return !p.WritesPools() && p.Count(Create)+p.Count(Update)+p.Count(Delete) == 0
}

// Count gives how many deployments have the operation.
func (p Plan) Count(op Op) int {
	n := 0
	for _, a := range p.Actions {
		if a.Op == op {
			n++
		}
	}
	return n
}

// Summary gives one line: "1 to create, 1 to update, 1 unchanged, 0 blocked", with what is left over, if anything is.
func (p Plan) Summary() string {
	parts := []string{
		fmt.Sprintf("%d to create, %d to update, %d unchanged, %d blocked",
			p.Count(Create), p.Count(Update), p.Count(Unchanged), p.Count(Blocked)),
	}
	parts = append(parts, numbered(p.Count, Delete, Leftover)...)
	if pools := p.poolSummary(); pools != "" {
		parts = append(parts, pools)
	}
	return strings.Join(parts, ", ")
}

// numbered gives "2 to delete" for each of the operations that anything has.
func numbered(count func(Op) int, ops ...Op) []string {
	words := map[Op]string{Create: "to create", Update: "to update", Delete: "to delete", Blocked: "blocked", Leftover: "left over"}
	var out []string
	for _, op := range ops {
		if n := count(op); n > 0 {
			out = append(out, fmt.Sprintf("%d %s", n, words[op]))
		}
	}
	return out
}

// Block adds a deployment that can't be deployed because of findings in the user's files, so that the plan and the summary
// show it.
func (p *Plan) Block(name, flow, entrypoint string, reasons finding.List) {
	p.Actions = append(p.Actions, Action{Op: Blocked, Name: name, Flow: flow, Entrypoint: entrypoint, Reasons: reasons})
	p.sort()
}

func (p *Plan) sort() {
	slices.SortStableFunc(p.Actions, func(a, b Action) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Flow, b.Flow))
	})
}

// Diff compares what shall be with what is. A deployment of the same name that is not the owner's is blocked: it is never
// changed.
func Diff(owner Owner, desired []Desired, live Live) (Plan, error) {
	p := Plan{Project: owner.Project, Env: owner.Env, API: live.API, owner: owner, release: live.release, flows: live.flows, live: live.Deployments}
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
		edits, changes, err := compareTriggers(d, a.tag, nil)
		a.triggers, a.Changes = edits, append(a.Changes, changes...)
		a.awaitSteps()
		return a, err
	}
	a.ID = have.ID
	if reason, refused := owner.refused(d, *have); refused {
		a.Op, a.Reasons, a.claimed = Blocked, finding.List{reason}, true
		return a, nil
	}
	if !live.mayUpdate(owner, *have) {
		a.Op, a.Reasons, a.foreign = Blocked, finding.List{foreign(owner, d, *have)}, have
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
	edits, more, err := compareTriggers(a.desired, a.tag, automations)
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
	schedules, more := compareSchedules(a.desired, a.have.Schedules)
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

// UsedPools gives the work pools that the plan's deployments run in, sorted.
func (p Plan) UsedPools() []string {
	var out []string
	for _, a := range p.Actions {
		if name, ok := a.desired.Fields[FieldPool].(string); ok {
			out = append(out, name)
		}
	}
	return distinct(out)
}

// IDs gives the ids of the plan's deployments that are on the server, without those that are only left over or to be deleted.
func (p Plan) IDs() []string {
	var out []string
	for _, a := range p.Actions {
		if a.ID != "" && (a.Op == Update || a.Op == Unchanged) {
			out = append(out, a.ID)
		}
	}
	return out
}

// Pool gives the name of the work pool that the deployment shall run in; empty when it has none.
func (a Action) Pool() string { return a.desired.Pool() }

// UsedQueues gives the work queues that the plan's deployments run in, sorted, by their pool's name.
func (p Plan) UsedQueues() map[string][]string {
	out := map[string][]string{}
	for _, a := range p.Actions {
		pool, queue := a.desired.Pool(), a.desired.Queue()
		if pool != "" && queue != "" {
			out[pool] = distinct(append(out[pool], queue))
		}
	}
	return out
}

// Applied gives the plan as it stands when the result is there: what was written has its id and is unchanged now, what was deleted
// is gone, and what failed is still to do.
func (p Plan) Applied(r Result) Plan {
	type key struct{ flow, name string }
	done := map[key]Outcome{}
	for _, o := range r.Outcomes {
		if o.Err == nil {
			done[key{o.Flow, o.Name}] = o
		}
	}
	p.Pools = appliedPools(p.Pools, r)
	actions := make([]Action, 0, len(p.Actions))
	for _, a := range p.Actions {
		o, ok := done[key{a.Flow, a.Name}]
		switch {
		case !ok:
		case a.Op == Delete && o.Op == Delete:
			continue
		case a.Op == Delete:
			a.Op, a.Stays = Leftover, o.Stays
		case a.Op == Create || a.Op == Update:
			a.Op, a.ID = Unchanged, o.ID
		}
		actions = append(actions, a)
	}
	p.Actions = actions
	return p
}

// Scheduled gives the ids of existing deployments that have an active schedule of ours.
func (p Plan) Scheduled() []string {
	var out []string
	for _, a := range p.Actions {
		active := slices.ContainsFunc(a.desired.Schedules, func(s manifest.Schedule) bool { return s.Active == nil || *s.Active })
		if a.ID != "" && active {
			out = append(out, a.ID)
		}
	}
	return out
}
