package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Prune says what becomes of leftovers: deployments of ours that nothing asks for any more.
type Prune struct {
	On         bool        // delete them; otherwise they are only shown
	Kinds      []kind.Kind // the kinds of this run; leftovers of another kind are none of its business
	Unreadable []string    // files and folders that could not be read: what they hold is not known, so their deployments stay
	// Protected tells whether the settings protect a flow's deployments.
	Protected func(flowName string) bool
	Pools     bool // of work pools too: all that are wanted are named
	Held      bool // the settings protect the whole environment, its work pools among it
}

// Prune adds the leftovers among the live deployments and work pools to the plan: to delete, or with the reason why they stay. Call it once all
// flows are in the plan, blocked ones included; for a plan of selected flows it must not be called, since everything else
// would look left over.
func (p *Plan) Prune(live Live, o Prune) {
	planned := map[string]bool{}
	for _, a := range p.Actions {
		planned[a.Flow+"/"+a.Name] = true
	}
	for _, d := range live.Deployments {
		flow := live.Flows[d.FlowID]
		if !p.Owner.Owns(d.Tags) || planned[flow+"/"+d.Name] {
			continue
		}
		k := live.Kind(d)
		if len(o.Kinds) > 0 && k != "" && !slices.Contains(o.Kinds, k) {
			continue
		}
		a := Action{Op: Delete, Name: d.Name, Flow: flow, Entrypoint: prefect.Text(d.Entrypoint), ID: d.ID, Have: &d}
		leads, _ := manifest.ParseEntrypoint(a.Entrypoint)
		switch {
		case flow == "":
			a.Op, a.Stays = Leftover, "the server does not tell its flow, so it may be one that is asked for"
		case slices.ContainsFunc(o.Unreadable, leads.MayBe):
			continue // the file itself is in the plan as blocked
		case o.Protected != nil && o.Protected(flow):
			a.Op, a.Stays = Leftover, "it is protected (`protect: true`)"
		case !o.On:
			a.Op, a.Stays = Leftover, "no flow or setting asks for it; `prune: true` or -prune deletes it"
		}
		p.Actions = append(p.Actions, a)
	}
	p.Sort()
	p.PrunePools(live, o)
	p.KeepPredecessors()
}

// Kind gives a stored deployment's kind, "" when it has no pool or the pool is not known.
func (l Live) Kind(d prefect.Deployment) kind.Kind {
	pool, known := l.Pools[prefect.Text(d.WorkPoolName)]
	if !known {
		return ""
	}
	return kind.OfPool(pool.Type)
}

// KeepQueue takes the removal of a queue back.
func (x *Pool) KeepQueue(queue string) {
	x.Queues.Remove = slices.DeleteFunc(x.Queues.Remove, func(q string) bool { return q == queue })
	x.Changes = slices.DeleteFunc(x.Changes, func(c canonical.Change) bool { return c.Field == "queues."+queue })
	x.Notes = append(x.Notes, fmt.Sprintf("its queue %s is left over and stays: deployments are in it", queue))
	if len(x.Fields) == 0 && x.Queues.empty() {
		x.Op = Unchanged
	}
}

// Leaving counts the deployments in a pool, or in one of its queues, that the plan deletes or moves away.
func (p Plan) Leaving(from, queue string) int {
	n := 0
	for _, a := range p.Actions {
		if a.Have == nil || prefect.Text(a.Have.WorkPoolName) != from || queue != "" && prefect.Text(a.Have.WorkQueueName) != queue {
			continue
		}
		moves := a.Desired.Pool() != from || queue != "" && a.Desired.Queue() != queue
		if a.Op == Delete || a.Op == Update && moves {
			n++
		}
	}
	return n
}

// A deployment that nothing asks for any more may be what another one replaces: of a renamed flow, say. Which one is not written down
// anywhere, so whatever shares a file, a flow or a name with something that could not be written counts as its predecessor, and stays.

// Replaces tells whether b may take the place of a.
func (b Action) Replaces(a Action) bool {
	file := func(x Action) string {
		before, _, _ := strings.Cut(strings.TrimPrefix(x.Entrypoint, "./"), ":")
		return before
	}
	same := func(x, y string) bool { return x == y && x != "" }
	return same(file(a), file(b)) || same(a.Flow, b.Flow) || same(a.Name, b.Name)
}

// Why what stays for its replacement stays, and when it goes.
const (
	LaterOn   = " and may be its replacement; the next deploy deletes it once that is written"
	replacing = " is blocked" + LaterOn
)

// KeepPredecessors takes back the deletion of what a blocked deployment may replace, and of work pools that a blocked one may.
func (p *Plan) KeepPredecessors() {
	for i := range p.Actions {
		a := &p.Actions[i]
		if a.Op != Delete {
			continue
		}
		at := slices.IndexFunc(p.Actions, func(b Action) bool { return b.Op == Blocked && b.Replaces(*a) })
		if at >= 0 {
			a.Op, a.Stays = Leftover, p.Actions[at].Name+replacing
		}
	}
	at := slices.IndexFunc(p.Pools, func(x Pool) bool { return x.Op == Blocked })
	for i := range p.Pools {
		if x := &p.Pools[i]; at >= 0 && x.Op == Delete {
			x.Op, x.Stays = Leftover, PoolTitle(p.Pools[at].Name)+replacing
		}
	}
}
