package draft

import (
	"cmp"
	"fmt"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
)

// Production is the environment in which one error stops everything.
const Production = "prod"

// Strict tells whether one blocked deployment blocks all.
func (r Read) Strict() bool { return r.Options.Strict || r.Env.Name == Production }

// Stop is the error for a repository in which nothing is left to deploy, or nil. strict says that one blocked deployment blocks all.
func (r Rendered) Stop(strict bool) error {
	rendered := r.Options.File == ""
	switch {
	case len(r.Broken) > 0, len(r.Blocked) > 0 && (strict || len(r.Desired) == 0), len(r.Flows) == 0 && rendered && r.Findings.HasErrors():
		return r.BlockedFault("nothing was written")
	case len(r.Flows) == 0 && rendered:
		return NoFlows(r.Env)
	default:
		return nil
	}
}

// NoFlows is the error for an environment without flows.
func NoFlows(env config.Env) error {
	return &fault.Error{
		Code: fault.Findings, What: "no flows were found", Where: fmt.Sprint(env.Paths),
		Why: "no Python file there has a function decorated with Prefect's @flow", Next: "add one; docs/flows.md shows how",
	}
}

// BlockedFault is the error that names what is blocked; effect says what that means for the command.
func (r Rendered) BlockedFault(effect string) error {
	names := make([]string, 0, len(r.Blocked))
	twice := map[string]int{}
	for _, b := range r.Blocked {
		twice[b.Name]++
	}
	for _, b := range r.Blocked {
		name := cmp.Or(b.Name, b.Entrypoint, "a deployment without a name")
		if of := cmp.Or(b.Flow, b.Entrypoint); b.Name != "" && twice[b.Name] > 1 && of != "" && name != of { // of two flows
			name = of + "/" + name
		}
		names = append(names, name)
	}
	what := "the settings or flows have errors"
	if r.Options.File != "" {
		what = "the manifest has errors"
	}
	if len(names) > 0 {
		what = "blocked by errors: " + finding.Names(names)
	}
	return &fault.Error{Code: fault.Findings, What: what, Why: effect, Next: "correct what is listed above; `mage verify` checks without deploying"}
}
