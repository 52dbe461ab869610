// Package ownership says what on a Prefect server is ours: deployments by one tag, work pools and queues by a line of their description.
//
// Start with [Owner]. What carries the tag of nobody, or of somebody else too, is never changed or deleted; [Claims] reads whose it is.
package ownership

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Owner is a project in an environment. Its tag marks the deployments that belong to it.
type Owner struct {
	Project string
	Env     string
	// Home is the environment's own name where Env has a prefix or suffix: whoever deploys beside others runs in the same work pools.
	Home string
	// Guest says that the work pools are for others to change: a missing one is made, and the rest is left alone.
	Guest bool
}

// Tag is the one tag that says "ours". It is one, because Prefect copies a deployment's tags to each of its runs.
func (o Owner) Tag() string { return fmt.Sprintf("flowmage:%s/%s", o.Project, o.Env) }

// ServeTag marks what a program of this owner serves. Such deployments stand outside plan and prune.
func (o Owner) ServeTag() string { return o.Tag() + "/serve" }

// Tags gives the tags of all deployments of this owner, and with them of all its runs: those in work pools, and what it serves.
func (o Owner) Tags() []string { return []string{o.Tag(), o.ServeTag()} }

// Claims tells whether the tags name this owner.
func (o Owner) Claims(tags []string) bool { return slices.Contains(tags, o.Tag()) }

// Owns tells whether the tags name this owner, and nobody beside him: what two have claimed is neither's to change or to delete.
func (o Owner) Owns(tags []string) bool { return o.Claims(tags) && len(o.Others(tags)) == 0 }

// Serves tells whether the tags name a program of this owner, and nobody beside him.
func (o Owner) Serves(tags []string) bool {
	list := Claims(tags)
	return len(list) > 0 && !slices.ContainsFunc(list, func(c Claim) bool { return c.Tag != o.ServeTag() })
}

// PoolMarker is the line in the description of a work pool, or of one of its queues, that says "kept by this tool for this environment".
func (o Owner) PoolMarker() string {
	return "Managed by " + Owner{Project: o.Project, Env: cmp.Or(o.Home, o.Env)}.Tag()
}

// Keeps tells whether a description has the owner's marker as one of its lines. Who wants a pool of his own kept writes the line into it.
func (o Owner) Keeps(description string) bool {
	for line := range strings.Lines(description) {
		if strings.TrimSpace(line) == o.PoolMarker() {
			return true
		}
	}
	return false
}

// Claim is what a tag of this tool's says of a deployment: whose it is, and whether a program serves it.
type Claim struct {
	Owner  Owner
	Served bool
	Tag    string
	Alone  bool // no other tag of the deployment says anything
}

// claimed is the form of the tags that owners give. What only looks like it says nothing.
var claimed = pattern.New(`^flowmage:([^/\s]+)/([^/\s]+?)(/serve)?$`)

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
