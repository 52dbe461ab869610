// Package ownership says what on a Prefect server is ours: deployments by one tag, work pools and queues by a line of their description.
//
// Start with [Owner]. What carries the tag of nobody, or of somebody else too, is never changed or deleted; [Claims] reads whose it is.
package ownership

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
