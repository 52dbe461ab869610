package deploy

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
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

// without gives the tags but for ours.
func (o Owner) without(tags []string) []string {
	return slices.DeleteFunc(append([]string{}, tags...), func(tag string) bool { return tag == o.Tag() })
}
