package plan

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Pool is one work pool's part of the plan: of those that the plan's deployments need, and of ours that nothing needs any more. One without
// our marker in its description is never changed.
type Pool struct {
	Op   Op     `json:"op"`
	Name string `json:"name"`
	Type string `json:"type"`
	// Changes are the differences of an update, or what the settings say of a new one.
	Changes []canonical.Change `json:"changes,omitempty"`
	Reasons finding.List       `json:"reasons,omitempty"`
	Notes   []string           `json:"notes,omitempty"`
	Stays   string             `json:"stays,omitempty"`

	// What an apply needs beside that.
	Want   pool.Pool         `json:"-"`
	Have   *prefect.WorkPool `json:"-"`
	Fields map[string]any    `json:"-"` // to write
	Queues QueueEdits        `json:"-"`
}

// The API's names of a work pool's fields, and of a queue's.
const (
	fieldTemplate = "base_job_template"
	FieldPriority = "priority"
)

// WritesPools tells whether the plan creates, changes or deletes a work pool.
func (p Plan) WritesPools() bool { return len(p.poolWrites()) > 0 }

// poolWrites gives what the plan would write about work pools, and what that would replace.
func (p Plan) poolWrites() []any {
	var out []any
	for _, x := range p.Pools {
		if !x.Op.Writes() {
			continue
		}
		var prior []any
		if x.Have != nil {
			prior = []any{x.Have.ID, x.Have.Description, x.Have.BaseJobTemplate, x.Have.ConcurrencyLimit}
		}
		out = append(out, []any{x.Op, x.Name, x.Type, x.Fields, x.Queues.Create, x.Queues.Update, x.Queues.Remove, x.Queues.Ranked, prior})
	}
	return out
}

// CountPools gives how many work pools have the operation.
func (p Plan) CountPools(op Op) int { return countOf(p.Pools, func(x Pool) bool { return x.Op == op }) }

// poolSummary gives what happens to work pools: "work pools: 1 to create", "" when nothing does.
func (p Plan) poolSummary() string {
	parts := numbered(p.CountPools, Create, Update, Delete, Blocked, Leftover)
	if len(parts) == 0 {
		return ""
	}
	return "work pools: " + strings.Join(parts, ", ")
}

// poolActions compares the wanted pools that a deployment needs with the server's.
func (l Live) poolActions(owner ownership.Owner, desired []Desired) ([]Pool, error) {
	var out []Pool
	for _, name := range slices.Sorted(maps.Keys(l.Wanted)) {
		want := l.Wanted[name]
		needed := slices.ContainsFunc(desired, func(d Desired) bool { return d.Pool() == name })
		if !needed || want.Type == "" {
			continue
		}
		x, err := l.poolAction(owner, want)
		if err != nil {
			return nil, fmt.Errorf("work pool %s: %w", name, err)
		}
		out = append(out, x)
	}
	return out, nil
}

func (l Live) poolAction(owner ownership.Owner, want pool.Pool) (Pool, error) {
	x := Pool{Op: Unchanged, Name: want.Name, Type: want.Type, Want: want}
	have, there := l.Pools[want.Name]
	if !there {
		x.Op = Create
		x.Queues, x.Changes = newQueues(want)
		x.Changes = append(overviewOfPool(want), x.Changes...)
		return x, nil
	}
	x.Have = &have
	if have.Paused {
		x.Notes = append(x.Notes, "it is paused on the server, and stays so")
	}
	switch {
	case have.Type != want.Type:
		x.Op, x.Reasons = Blocked, finding.List{l.otherType(want, have)}
		return x, nil
	case owner.Guest:
		return x, nil
	}
	if err := x.Compare(l.Queues[want.Name]); err != nil {
		return x, err
	}
	if !owner.Keeps(have.Description) {
		x.leave(owner)
		return x, nil
	}
	x.Queues.Left = leftQueues(owner, want, l.Queues[want.Name])
	if len(x.Fields) > 0 || !x.Queues.empty() {
		x.Op = Update
	}
	return x, nil
}

// Compare fills in what the pool on the server lacks.
func (x *Pool) Compare(queues []prefect.WorkQueue) error {
	desired, live := map[string]any{FieldConcurrency: x.Want.Concurrency}, map[string]any{FieldConcurrency: x.Have.ConcurrencyLimit}
	if x.Want.Base != nil {
		desired[fieldTemplate], live[fieldTemplate] = x.Want.Base, x.Have.BaseJobTemplate
	}
	desired, err := canonical.Of(desired)
	if err != nil {
		return err
	}
	if live, err = canonical.Of(live); err != nil {
		return err
	}
	fields, changes := Compare(desired, live)
	edits, more := compareQueues(x.Want, queues)
	x.Fields, x.Queues, x.Changes = fields, edits, slices.Concat(readable(changes), more)
	return nil
}

// leave makes the comparison a note: the pool is somebody else's.
func (x *Pool) leave(owner ownership.Owner) {
	if x.Want.Stated() && len(x.Changes) > 0 {
		var fields []string
		for _, c := range x.Changes {
			field, _, _ := strings.Cut(c.Field, fieldTemplate+".")
			fields = append(fields, cmp.Or(field, fieldTemplate))
		}
		fields = slices.Compact(fields)
		x.Notes = append(x.Notes, fmt.Sprintf("it is not ours and is left alone, though the settings differ in %s; a line %q in its description makes it ours",
			strings.Join(fields, ", "), owner.PoolMarker()))
	}
	x.Fields, x.Queues, x.Changes = nil, QueueEdits{}, nil
}

// overviewOfPool gives what the settings say of a new pool.
func overviewOfPool(want pool.Pool) []canonical.Change {
	var out []canonical.Change
	if want.Concurrency != nil {
		out = append(out, canonical.Change{Field: FieldConcurrency, To: *want.Concurrency})
	}
	for _, name := range slices.Sorted(maps.Keys(want.Defaults)) {
		field := "defaults." + name
		out = append(out, canonical.Change{Field: field, To: canonical.Shown(field, want.Defaults[name])})
	}
	return out
}

// readable names the defaults of a template's variables as the settings do.
func readable(changes []canonical.Change) []canonical.Change {
	const before, after = fieldTemplate + ".variables.properties.", ".default"
	for i, c := range changes {
		if rest, ok := strings.CutPrefix(c.Field, before); ok {
			if name, inner, ok := strings.Cut(rest, after); ok && (inner == "" || inner[0] == '.') && !strings.Contains(name, ".") {
				changes[i].Field = "defaults." + name + inner
			}
		}
	}
	return changes
}

// PrunePools adds our pools that neither settings nor deployments name any more, and decides over queues that are left over.
func (p *Plan) PrunePools(live Live, o Prune) {
	if p.Owner.Guest || !o.Pools {
		return
	}
	for i := range p.Pools {
		p.Pools[i].pruneQueues(o)
	}
	for _, name := range slices.Sorted(maps.Keys(live.Pools)) {
		have := live.Pools[name]
		if _, wanted := live.Wanted[name]; wanted || !p.Owner.Keeps(have.Description) {
			continue
		}
		if len(o.Kinds) > 0 && !slices.Contains(o.Kinds, kind.OfPool(have.Type)) {
			continue
		}
		x := Pool{Op: Delete, Name: name, Type: have.Type, Have: &have}
		switch {
		case o.Held:
			x.Op, x.Stays = Leftover, "the environment is protected (`protect: true`)"
		case !o.On:
			x.Op, x.Stays = Leftover, "no setting names it; `prune: true` or -prune deletes it when nothing uses it"
		}
		p.Pools = append(p.Pools, x)
	}
	slices.SortFunc(p.Pools, func(a, b Pool) int { return cmp.Compare(a.Name, b.Name) })
}

// PoolTitle is what a work pool is called among deployments.
func PoolTitle(name string) string { return "work pool " + name }
