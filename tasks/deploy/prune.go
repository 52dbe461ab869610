package deploy

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/kind"
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
		flow := live.flows[d.FlowID]
		if !p.owner.Owns(d.Tags) || planned[flow+"/"+d.Name] {
			continue
		}
		k := live.kind(d)
		if len(o.Kinds) > 0 && k != "" && !slices.Contains(o.Kinds, k) {
			continue
		}
		a := Action{Op: Delete, Name: d.Name, Flow: flow, Entrypoint: value(d.Entrypoint), ID: d.ID, have: &d}
		file, _, _ := strings.Cut(a.Entrypoint, ":")
		switch {
		case flow == "":
			a.Op, a.Stays = Leftover, "the server does not tell its flow, so it may be one that is asked for"
		case slices.ContainsFunc(o.Unreadable, func(u string) bool { return file == u || strings.HasPrefix(file, u+"/") }):
			continue // the file itself is in the plan as blocked
		case o.Protected != nil && o.Protected(flow):
			a.Op, a.Stays = Leftover, "it is protected (`protect: true`)"
		case !o.On:
			a.Op, a.Stays = Leftover, "no flow or setting asks for it; `prune: true` or -prune deletes it"
		}
		p.Actions = append(p.Actions, a)
	}
	p.sort()
	p.prunePools(live, o)
	p.keepPredecessors()
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// kind gives a stored deployment's kind, "" when it has no pool or the pool is not known.
func (l Live) kind(d prefect.Deployment) kind.Kind {
	pool, known := l.pools[value(d.WorkPoolName)]
	if !known {
		return ""
	}
	return kind.OfPool(pool.Type)
}

// strangers gives the ids of flows of the owner's deployments whose names are not known yet.
func (l Live) strangers(owner Owner) []string {
	var out []string
	for _, d := range l.Deployments {
		if _, known := l.flows[d.FlowID]; !known && owner.Owns(d.Tags) {
			out = append(out, d.FlowID)
		}
	}
	return distinct(out)
}

func (a Action) leftoverText() string { return fmt.Sprintf("%s (flow %s)", a.Name, a.Flow) }
