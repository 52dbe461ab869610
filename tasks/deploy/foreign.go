package deploy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// claim is what a tag of this tool's says of a deployment: whose it is, and whether a program serves it.
type claim struct {
	owner  Owner
	served bool
	tag    string
	alone  bool // no other tag of the deployment says anything
}

// claimed is the form of the tags that owners give. What only looks like it says nothing.
var claimed = regexp.MustCompile(`^flowmage:([^/\s]+)/([^/\s]+?)(/serve)?$`)

// claims gives what a deployment's tags say of its owners.
func claims(tags []string) []claim {
	var out []claim
	for _, tag := range tags {
		if m := claimed.FindStringSubmatch(tag); m != nil {
			out = append(out, claim{owner: Owner{Project: m[1], Env: m[2]}, served: m[3] != "", tag: tag})
		}
	}
	if len(out) == 1 {
		out[0].alone = true
	}
	return out
}

// others gives the claims that are not for this owner's deployments in work pools.
func (o Owner) others(tags []string) []claim {
	return slices.DeleteFunc(claims(tags), func(c claim) bool { return c.tag == o.Tag() })
}

// words says whose it is.
func (c claim) words() string {
	if c.served {
		return fmt.Sprintf("the project %s, which serves it in its environment %s", c.owner.Project, c.owner.Env)
	}
	return fmt.Sprintf("the project %s in its environment %s", c.owner.Project, c.owner.Env)
}

// anotherName is the way out that is always there.
const anotherName = "give ours another name: `naming:` in envs/, `name:` in a manifest of your own"

// refused says why a deployment that has the name of a desired one is never written, nor adopted, as long as it is as it is.
func (o Owner) refused(d Desired, have prefect.Deployment) (finding.Finding, bool) {
	others := o.others(have.Tags)
	if len(others) == 0 {
		return finding.Finding{}, false
	}
	name := d.Flow.Name + "/" + have.Name
	if own := slices.IndexFunc(others, func(c claim) bool { return c.tag == o.ServeTag() }); own >= 0 {
		return catalogue.New("deployment-served", finding.OfDeployment(d.Name), finding.Finding{
			Position: d.Position, Subject: d.Name,
			Message: fmt.Sprintf("the server has a deployment %s that `mage flows:serve` made: it carries the tag %s", name, o.ServeTag()),
			Fix:     "end that program, then " + others[own].unserving(o, name) + "; or " + anotherName,
		}), true
	}
	return catalogue.New("deployment-claimed", finding.OfDeployment(d.Name), finding.Finding{
		Position: d.Position, Subject: d.Name, Message: o.claimedBy(name, have.Tags, others), Fix: others[0].way(name) + "; or " + anotherName,
	}), true
}

// foreign says why a deployment that has the name of a desired one is not written: nobody's tag is on it.
func foreign(owner Owner, d Desired, have prefect.Deployment) finding.Finding {
	return catalogue.New("deployment-foreign", finding.OfDeployment(d.Name), finding.Finding{
		Position: d.Position, Subject: d.Name,
		Message: fmt.Sprintf("the server has a deployment %s/%s that is not ours: it lacks the tag %s", d.Flow.Name, have.Name, owner.Tag()),
		Fix:     anotherName,
	})
}

// way says how the owner gives the deployment back.
func (c claim) way(name string) string {
	if c.served {
		return fmt.Sprintf("in the project %s, end the program that serves it, then %s", c.owner.Project, c.unserving(c.owner, name))
	}
	command := fault.Command("deploy:release", fault.Flag{Name: "env", Value: c.owner.Env}, fault.Flag{Name: "only", Value: name})
	return fmt.Sprintf("give it back there first, in the project %s: %s", c.owner.Project, command)
}

// unserving says how a deployment goes that no program of the owner serves any more. His command leaves alone what has another owner, too.
func (c claim) unserving(o Owner, name string) string {
	if !c.alone {
		return "delete the deployment in the Prefect UI"
	}
	env := cmp.Or(o.Home, o.Env)
	return fault.Command("deploy:clean", fault.Flag{Name: "env", Value: env}, fault.Flag{Name: "served", On: true}, fault.Flag{Name: "only", Value: name})
}

// claimedBy names all owners of a deployment.
func (o Owner) claimedBy(name string, tags []string, others []claim) string {
	owners, carried := make([]string, 0, len(others)), make([]string, 0, len(others))
	for _, c := range others {
		owners, carried = append(owners, c.words()), append(carried, c.tag)
	}
	verb := "belongs to"
	if o.Claims(tags) {
		verb = "is ours and belongs to"
	}
	return fmt.Sprintf("the server has a deployment %s that %s %s: it carries the tag %s", name, verb, strings.Join(owners, " and "), strings.Join(carried, ", "))
}

// lost says why what was ours is not any more.
func (o Owner) lost(tags []string) string {
	if others := o.others(tags); o.Claims(tags) && len(others) > 0 {
		return "it carries another tag beside ours, " + others[0].tag
	}
	return "it lost our tag"
}

// TakeOver puts the command that adopts into the plan, wherever a deployment is blocked by one that can be adopted. The plan can't know it:
// it depends on how the command line was.
func (p *Plan) TakeOver(command string) {
	p.takeOver = command
	for i := range p.Actions {
		a := &p.Actions[i]
		if a.foreign != nil {
			a.Reasons = slices.Clone(a.Reasons)
			for k := range a.Reasons {
				a.Reasons[k].Fix = "take it over: " + command + "; or " + anotherName
			}
		}
	}
}

// adopting gives the command that adopts what comes in the plan's way.
func (p Plan) adopting() string {
	return cmp.Or(p.takeOver, fault.Command("deploy:adopt", fault.Flag{Name: "env", Value: p.Env}))
}
