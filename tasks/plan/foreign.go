package plan

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// anotherName is the way out that is always there.
const anotherName = "give ours another name: `naming:` in envs/, `name:` in a manifest of your own"

// foreign says why a deployment that has the name of a desired one is not written: nobody's tag is on it.
func foreign(owner ownership.Owner, d Desired, have prefect.Deployment) finding.Finding {
	return about("deployment-foreign", d.Scope(), d.Name, d.Position,
		fmt.Sprintf("the server has a deployment %s/%s that is not ours: it lacks the tag %s", d.Flow.Name, have.Name, owner.Tag()), anotherName)
}

// TakeOver puts the command that adopts into the plan, wherever a deployment is blocked by one that can be adopted. The plan can't know it:
// it depends on how the command line was.
func (p *Plan) TakeOver(command string) {
	p.takeOver = command
	for i := range p.Actions {
		a := &p.Actions[i]
		if a.Foreign != nil {
			a.Reasons = slices.Clone(a.Reasons)
			for k := range a.Reasons {
				a.Reasons[k].Fix = "take it over: " + command + "; or " + anotherName
			}
		}
	}
}

// Adopting gives the command that adopts what comes in the plan's way.
func (p Plan) Adopting() string {
	return cmp.Or(p.takeOver, fault.Command("deploy:adopt", fault.Flag{Name: "env", Value: p.Env}))
}

// refusalOf says why a deployment that has the name of a desired one is never written, nor adopted, as long as it is as it is.
func refusalOf(o ownership.Owner, d Desired, have prefect.Deployment) (finding.Finding, bool) {
	others := o.Others(have.Tags)
	if len(others) == 0 {
		return finding.Finding{}, false
	}
	name := d.Flow.Name + "/" + have.Name
	if own := slices.IndexFunc(others, func(c ownership.Claim) bool { return c.Tag == o.ServeTag() }); own >= 0 {
		return about("deployment-served", d.Scope(), d.Name, d.Position,
			fmt.Sprintf("the server has a deployment %s that `mage flows:serve` made: it carries the tag %s", name, o.ServeTag()),
			"end that program, then "+others[own].Unserve(o, name)+"; or "+anotherName), true
	}
	return about("deployment-claimed", d.Scope(), d.Name, d.Position, o.ClaimedBy(name, have.Tags, others), others[0].GiveBack(name)+"; or "+anotherName), true
}

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
func (p Plan) OfKind(k kind.Kind, live Live) Plan {
	p.Actions = slices.DeleteFunc(slices.Clone(p.Actions), func(a Action) bool {
		pool, known := live.Pools[a.Pool()]
		return !known || kind.OfPool(pool.Type) != k
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
