// Package deploy brings a Prefect server to the state that a manifest describes, and only as far as it must.
//
// The way through it: [Resolve] joins manifest and flows into what the API shall hold ([Desired]); [Read] fetches what it
// holds ([Live]); [Diff] compares the two into a [Plan], which is data and can be printed; [Apply] executes exactly that plan
// and reads back. [Clean] takes away what is ours.
//
// Unchanged means no write: every write makes Prefect throw away the deployment's scheduled runs (prefect deploy does it each
// time). Ours is what carries the owner's tag; nothing else is changed or deleted.
package deploy

import (
	"fmt"
	"slices"
)

// Owner is a project in an environment. Its tag marks the deployments that belong to it.
type Owner struct {
	Project string
	Env     string
}

// Tag is the one tag that says "ours". It is one, because Prefect copies a deployment's tags to each of its runs.
func (o Owner) Tag() string { return fmt.Sprintf("flowmage:%s/%s", o.Project, o.Env) }

// ServeTag marks what a program of this owner serves. Such deployments stand outside plan and prune.
func (o Owner) ServeTag() string { return o.Tag() + "/serve" }

// Owns tells whether the tags name this owner.
func (o Owner) Owns(tags []string) bool { return slices.Contains(tags, o.Tag()) }

// PoolMarker is the line in a work pool's description that says "created by this tool for this owner".
func (o Owner) PoolMarker() string { return "Managed by " + o.Tag() }
