package deploy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
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
	Changes []Change     `json:"changes,omitempty"`
	Reasons finding.List `json:"reasons,omitempty"`
	Notes   []string     `json:"notes,omitempty"`
	Stays   string       `json:"stays,omitempty"`

	// What an apply needs beside that.
	want   pool.Pool         `json:"-"`
	have   *prefect.WorkPool `json:"-"`
	fields map[string]any    `json:"-"` // to write
	queues queueEdits        `json:"-"`
}

// The API's names of a work pool's fields, and of a queue's.
const (
	fieldTemplate = "base_job_template"
	fieldPriority = "priority"
)

// WritesPools tells whether the plan creates, changes or deletes a work pool.
func (p Plan) WritesPools() bool { return len(p.poolWrites()) > 0 }

// poolWrites gives what the plan would write about work pools, and what that would replace.
func (p Plan) poolWrites() []any {
	var out []any
	for _, x := range p.Pools {
		switch x.Op {
		case Create, Update, Delete:
			var prior []any
			if x.have != nil {
				prior = []any{x.have.ID, x.have.Description, x.have.BaseJobTemplate, x.have.ConcurrencyLimit}
			}
			out = append(out, []any{x.Op, x.Name, x.Type, x.fields, x.queues.create, x.queues.update, x.queues.remove, x.queues.ranked, prior})
		default:
		}
	}
	return out
}

// CountPools gives how many work pools have the operation.
func (p Plan) CountPools(op Op) int {
	n := 0
	for _, x := range p.Pools {
		if x.Op == op {
			n++
		}
	}
	return n
}

// poolSummary gives what happens to work pools: "work pools: 1 to create", "" when nothing does.
func (p Plan) poolSummary() string {
	parts := numbered(p.CountPools, Create, Update, Delete, Blocked, Leftover)
	if len(parts) == 0 {
		return ""
	}
	return "work pools: " + strings.Join(parts, ", ")
}

// poolActions compares the wanted pools that a deployment needs with the server's.
func (l Live) poolActions(owner Owner, desired []Desired) ([]Pool, error) {
	var out []Pool
	for _, name := range slices.Sorted(maps.Keys(l.wanted)) {
		want := l.wanted[name]
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

func (l Live) poolAction(owner Owner, want pool.Pool) (Pool, error) {
	x := Pool{Op: Unchanged, Name: want.Name, Type: want.Type, want: want}
	have, there := l.pools[want.Name]
	if !there {
		x.Op = Create
		x.queues, x.Changes = newQueues(want)
		x.Changes = append(overviewOfPool(want), x.Changes...)
		return x, nil
	}
	x.have = &have
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
	if err := x.compare(l.queues[want.Name]); err != nil {
		return x, err
	}
	if !owner.Keeps(have.Description) {
		x.leave(owner)
		return x, nil
	}
	x.queues.left = leftQueues(owner, want, l.queues[want.Name])
	if len(x.fields) > 0 || !x.queues.empty() {
		x.Op = Update
	}
	return x, nil
}

// compare fills in what the pool on the server lacks.
func (x *Pool) compare(queues []prefect.WorkQueue) error {
	desired, live := map[string]any{FieldConcurrency: x.want.Concurrency}, map[string]any{FieldConcurrency: x.have.ConcurrencyLimit}
	if x.want.Template != nil {
		desired[fieldTemplate], live[fieldTemplate] = x.want.Template, x.have.BaseJobTemplate
	}
	desired, err := canonical(desired)
	if err != nil {
		return err
	}
	if live, err = canonical(live); err != nil {
		return err
	}
	fields, changes := compare(desired, live)
	edits, more := compareQueues(x.want, queues)
	x.fields, x.queues, x.Changes = fields, edits, slices.Concat(readable(changes), more)
	return nil
}

// leave makes the comparison a note: the pool is somebody else's.
func (x *Pool) leave(owner Owner) {
	if x.want.Stated && len(x.Changes) > 0 {
		var fields []string
		for _, c := range x.Changes {
			field, _, _ := strings.Cut(c.Field, fieldTemplate+".")
			fields = append(fields, cmp.Or(field, fieldTemplate))
		}
		fields = slices.Compact(fields)
		x.Notes = append(x.Notes, fmt.Sprintf("it is not ours and is left alone, though the settings differ in %s; a line %q in its description makes it ours",
			strings.Join(fields, ", "), owner.PoolMarker()))
	}
	x.fields, x.queues, x.Changes = nil, queueEdits{}, nil
}

// overviewOfPool gives what the settings say of a new pool.
func overviewOfPool(want pool.Pool) []Change {
	var out []Change
	if want.Concurrency != nil {
		out = append(out, Change{Field: FieldConcurrency, To: *want.Concurrency})
	}
	for _, name := range slices.Sorted(maps.Keys(want.Defaults)) {
		field := "defaults." + name
		out = append(out, Change{Field: field, To: shown(field, want.Defaults[name])})
	}
	return out
}

// readable names the defaults of a template's variables as the settings do.
func readable(changes []Change) []Change {
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

// prunePools adds our pools that neither settings nor deployments name any more, and decides over queues that are left over.
func (p *Plan) prunePools(live Live, o Prune) {
	if p.owner.Guest || !o.Pools {
		return
	}
	for i := range p.Pools {
		p.Pools[i].pruneQueues(o)
	}
	for _, name := range slices.Sorted(maps.Keys(live.pools)) {
		have := live.pools[name]
		if _, wanted := live.wanted[name]; wanted || !p.owner.Keeps(have.Description) {
			continue
		}
		if len(o.Kinds) > 0 && !slices.Contains(o.Kinds, kindOf(have)) {
			continue
		}
		x := Pool{Op: Delete, Name: name, Type: have.Type, have: &have}
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

// poolTitle is what a work pool is called among deployments.
func poolTitle(name string) string { return "work pool " + name }
