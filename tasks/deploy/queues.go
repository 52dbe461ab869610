package deploy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// queueEdits is what happens to the queues of a work pool.
type queueEdits struct {
	create []string                  // in the order of their priorities
	update map[string]map[string]any // fields by name
	remove []string
	// ranked says that all priorities are written again: giving a queue one moves others.
	ranked bool

	left map[string]prefect.WorkQueue // ours that no setting names
}

func (e queueEdits) empty() bool { return len(e.create)+len(e.update)+len(e.remove) == 0 }

// ranking gives the names of queues by priority, those without one last.
func ranking(queues map[string]pool.Queue) []string {
	names := slices.Sorted(maps.Keys(queues))
	slices.SortStableFunc(names, func(a, b string) int {
		x, y := queues[a].Priority, queues[b].Priority
		switch {
		case x == nil && y == nil:
			return 0
		case x == nil:
			return 1
		case y == nil:
			return -1
		}
		return cmp.Compare(*x, *y)
	})
	return names
}

// newQueues gives the queues of a pool that is not there yet; every new pool has a default queue.
func newQueues(want pool.Pool) (queueEdits, []Change) {
	if want.Queues == nil {
		return queueEdits{}, nil
	}
	edits, changes := compareQueues(want, []prefect.WorkQueue{{Name: defaultQueue, Priority: 1}})
	for i, c := range changes {
		changes[i] = Change{Field: c.Field, To: c.To}
	}
	return edits, changes
}

// compareQueues tells what the queues of a pool lack. Those that the settings don't name are not looked at.
func compareQueues(want pool.Pool, have []prefect.WorkQueue) (queueEdits, []Change) {
	live := map[string]prefect.WorkQueue{}
	for _, q := range have {
		live[q.Name] = q
	}
	edits := queueEdits{update: map[string]map[string]any{}}
	var changes []Change
	for _, name := range ranking(want.Queues) {
		q := want.Queues[name]
		path := "queues." + name
		now, there := live[name]
		if !there {
			edits.create = append(edits.create, name)
			edits.ranked = edits.ranked || q.Priority != nil
			changes = append(changes, Change{Field: path, To: queueFields(q)})
			continue
		}
		fields := map[string]any{}
		if !sameNumber(q.Concurrency, now.ConcurrencyLimit) {
			fields[FieldConcurrency] = number0(q.Concurrency)
			changes = append(changes, Change{Field: path + "." + FieldConcurrency, From: number0(now.ConcurrencyLimit), To: number0(q.Concurrency)})
		}
		if q.Priority != nil && *q.Priority != now.Priority {
			fields[fieldPriority], edits.ranked = *q.Priority, true
			changes = append(changes, Change{Field: path + "." + fieldPriority, From: now.Priority, To: *q.Priority})
		}
		if len(fields) > 0 {
			edits.update[name] = fields
		}
	}
	return edits, changes
}

// queueFields gives what the settings say of a queue, by the API's names.
func queueFields(q pool.Queue) map[string]any {
	out := map[string]any{}
	if q.Concurrency != nil {
		out[FieldConcurrency] = *q.Concurrency
	}
	if q.Priority != nil {
		out[fieldPriority] = *q.Priority
	}
	return out
}

func sameNumber(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

// number0 gives a number, or nil for none.
func number0(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}

// leftQueues gives the queues with our marker that the settings do not name. Without a word about queues there nobody asks.
func leftQueues(owner Owner, want pool.Pool, have []prefect.WorkQueue) map[string]prefect.WorkQueue {
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
	for _, name := range slices.Sorted(maps.Keys(x.queues.left)) {
		if !o.On || o.Held {
			x.Notes = append(x.Notes, fmt.Sprintf("its queue %s is left over: no setting names it; `prune: true` or -prune deletes it when nothing uses it", name))
			continue
		}
		q := x.queues.left[name]
		x.queues.remove = append(x.queues.remove, name)
		x.Changes = append(x.Changes, Change{Field: "queues." + name, From: queueFields(pool.Queue{Concurrency: q.ConcurrencyLimit, Priority: &q.Priority})})
		x.Op = Update
	}
}
