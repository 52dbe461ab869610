package plan

import (
	"slices"
	"time"
)

// Adoptable gives the deployments that block ours because they are nobody's.
func (p Plan) Adoptable() []Action {
	return slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool { return a.Foreign == nil })
}

// Refused gives the deployments that block ours and can't be adopted: they belong to somebody, or a program serves them.
func (p Plan) Refused() []Action {
	return slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool { return !a.Claimed })
}

// Among gives the plan of those deployments alone, without work pools.
func (p Plan) Among(list []Action) Plan {
	p.Pools = nil
	p.Actions = slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool {
		return !slices.ContainsFunc(list, func(x Action) bool { return x.Flow == a.Flow && x.Name == a.Name })
	})
	return p
}

// OfKind gives the plan of those deployments alone whose work pool is for that kind.
func (p Plan) OfKind(kind string, live Live) Plan {
	p.Actions = slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool {
		pool, known := live.Pools[a.Pool()]
		return !known || kindOf(pool) != kind
	})
	return p
}

// AsAdopted gives the state as it is once the plan's adoptable deployments are ours, so that a plan tells what a deploy would do then.
func (l Live) AsAdopted(p Plan) Live {
	ids := map[string]bool{}
	for _, a := range p.Adoptable() {
		ids[a.ID] = true
	}
	l.Deployments = slices.Clone(l.Deployments)
	for i, d := range l.Deployments {
		if ids[d.ID] {
			l.Deployments[i].Tags = append(slices.Clone(d.Tags), p.Owner.Tag())
		}
	}
	return l
}

// Polled tells when a program that serves the deployment has last asked for runs; nil when none has.
func (a Action) Polled() *time.Time { return a.Have.LastPolled }
