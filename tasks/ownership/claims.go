package ownership

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Claim is what a tag of this tool's says of a deployment: whose it is, and whether a program serves it.
type Claim struct {
	Owner  Owner
	Served bool
	Tag    string
	Alone  bool // no other tag of the deployment says anything
}

// claimed is the form of the tags that owners give. What only looks like it says nothing.
var claimed = regexp.MustCompile(`^flowmage:([^/\s]+)/([^/\s]+?)(/serve)?$`)

// Claims gives what a deployment's tags say of its owners.
func Claims(tags []string) []Claim {
	var out []Claim
	for _, tag := range tags {
		if m := claimed.FindStringSubmatch(tag); m != nil {
			out = append(out, Claim{Owner: Owner{Project: m[1], Env: m[2]}, Served: m[3] != "", Tag: tag})
		}
	}
	if len(out) == 1 {
		out[0].Alone = true
	}
	return out
}

// Others gives the claims that are not for this owner's deployments in work pools.
func (o Owner) Others(tags []string) []Claim {
	return slices.DeleteFunc(Claims(tags), func(c Claim) bool { return c.Tag == o.Tag() })
}

// words says whose it is.
func (c Claim) words() string {
	if c.Served {
		return fmt.Sprintf("the project %s, which serves it in its environment %s", c.Owner.Project, c.Owner.Env)
	}
	return fmt.Sprintf("the project %s in its environment %s", c.Owner.Project, c.Owner.Env)
}

// GiveBack says how the owner gives the deployment back.
func (c Claim) GiveBack(name string) string {
	if c.Served {
		return fmt.Sprintf("in the project %s, end the program that serves it, then %s", c.Owner.Project, c.Unserve(c.Owner, name))
	}
	command := fault.Command("deploy:release", fault.Flag{Name: "env", Value: c.Owner.Env}, fault.Flag{Name: "only", Value: name})
	return fmt.Sprintf("give it back there first, in the project %s: %s", c.Owner.Project, command)
}

// Unserve says how a deployment goes that no program of the owner serves any more. His command leaves alone what has another owner, too.
func (c Claim) Unserve(o Owner, name string) string {
	if !c.Alone {
		return "delete the deployment in the Prefect UI"
	}
	env := cmp.Or(o.Home, o.Env)
	return fault.Command("deploy:clean", fault.Flag{Name: "env", Value: env}, fault.Flag{Name: "served", On: true}, fault.Flag{Name: "only", Value: name})
}

// ClaimedBy names all owners of a deployment.
func (o Owner) ClaimedBy(name string, tags []string, others []Claim) string {
	owners, carried := make([]string, 0, len(others)), make([]string, 0, len(others))
	for _, c := range others {
		owners, carried = append(owners, c.words()), append(carried, c.Tag)
	}
	verb := "belongs to"
	if o.Claims(tags) {
		verb = "is ours and belongs to"
	}
	return fmt.Sprintf("the server has a deployment %s that %s %s: it carries the tag %s", name, verb, strings.Join(owners, " and "), strings.Join(carried, ", "))
}

// Lost says why what was ours is not any more.
func (o Owner) Lost(tags []string) string {
	if others := o.Others(tags); o.Claims(tags) && len(others) > 0 {
		return "it carries another tag beside ours, " + others[0].Tag
	}
	return "it lost our tag"
}

// Without gives the tags but for ours.
func (o Owner) Without(tags []string) []string {
	return slices.DeleteFunc(append([]string{}, tags...), func(tag string) bool { return tag == o.Tag() })
}
