package plan

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// QueueEdits is what happens to the queues of a work pool.
type QueueEdits struct {
	Create []string                  // in the order of their priorities
	Update map[string]map[string]any // fields by name
	Remove []string
	// ranked says that all priorities are written again: giving a queue one moves others.
	Ranked bool

	Left map[string]prefect.WorkQueue // ours that no setting names
}

func (e QueueEdits) empty() bool { return len(e.Create)+len(e.Update)+len(e.Remove) == 0 }

// Ranking gives the names of queues by priority, those without one last.
func Ranking(queues map[string]pool.Queue) []string {
	names := slices.Sorted(maps.Keys(queues))
	rank := func(name string) int {
		if priority := queues[name].Priority; priority != nil {
			return *priority
		}
		return math.MaxInt
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(rank(a), rank(b)) })
	return names
}

// newQueues gives the queues of a pool that is not there yet; every new pool has a default queue.
func newQueues(want pool.Pool) (QueueEdits, []canonical.Change) {
	if want.Queues == nil {
		return QueueEdits{}, nil
	}
	edits, changes := compareQueues(want, []prefect.WorkQueue{{Name: defaultQueue, Priority: 1}})
	for i, c := range changes {
		changes[i] = canonical.Change{Field: c.Field, To: c.To}
	}
	return edits, changes
}

// compareQueues tells what the queues of a pool lack. Those that the settings don't name are not looked at.
func compareQueues(want pool.Pool, have []prefect.WorkQueue) (QueueEdits, []canonical.Change) {
	live := map[string]prefect.WorkQueue{}
	for _, q := range have {
		live[q.Name] = q
	}
	edits := QueueEdits{Update: map[string]map[string]any{}}
	var changes []canonical.Change
	for _, name := range Ranking(want.Queues) {
		q := want.Queues[name]
		path := "queues." + name
		now, there := live[name]
		if !there {
			edits.Create = append(edits.Create, name)
			edits.Ranked = edits.Ranked || q.Priority != nil
			changes = append(changes, canonical.Change{Field: path, To: QueueFields(q)})
			continue
		}
		fields := map[string]any{}
		if number0(q.Concurrency) != number0(now.ConcurrencyLimit) {
			fields[FieldConcurrency] = number0(q.Concurrency)
			changes = append(changes, canonical.Change{Field: path + "." + FieldConcurrency, From: number0(now.ConcurrencyLimit), To: number0(q.Concurrency)})
		}
		if q.Priority != nil && *q.Priority != now.Priority {
			fields[FieldPriority], edits.Ranked = *q.Priority, true
			changes = append(changes, canonical.Change{Field: path + "." + FieldPriority, From: now.Priority, To: *q.Priority})
		}
		if len(fields) > 0 {
			edits.Update[name] = fields
		}
	}
	return edits, changes
}

// QueueFields gives what the settings say of a queue, by the API's names.
func QueueFields(q pool.Queue) map[string]any {
	out := map[string]any{}
	if q.Concurrency != nil {
		out[FieldConcurrency] = *q.Concurrency
	}
	if q.Priority != nil {
		out[FieldPriority] = *q.Priority
	}
	return out
}

// number0 gives a number, or nil for none.
func number0(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// leftQueues gives the queues with our marker that the settings do not name. Without a word about queues there nobody asks.
func leftQueues(owner ownership.Owner, want pool.Pool, have []prefect.WorkQueue) map[string]prefect.WorkQueue {
	out := map[string]prefect.WorkQueue{}
	for _, q := range have {
		if _, named := want.Queues[q.Name]; !named && q.Name != defaultQueue && owner.Keeps(q.Description) {
			out[q.Name] = q
		}
	}
	return out
}

// pruneQueues decides over a pool's queues that are left over.
func (x *Pool) pruneQueues(o Prune) {
	for _, name := range slices.Sorted(maps.Keys(x.Queues.Left)) {
		if !o.On || o.Held {
			x.Notes = append(x.Notes, fmt.Sprintf("its queue %s is left over: no setting names it; `prune: true` or -prune deletes it when nothing uses it", name))
			continue
		}
		q := x.Queues.Left[name]
		x.Queues.Remove = append(x.Queues.Remove, name)
		x.Changes = append(x.Changes, canonical.Change{Field: "queues." + name, From: QueueFields(pool.Queue{Concurrency: q.ConcurrencyLimit, Priority: &q.Priority})})
		x.Op = Update
	}
}
