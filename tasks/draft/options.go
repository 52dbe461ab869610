package draft

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
)

// Options say what a draft, and the plan that follows from it, are about.
type Options struct {
	Env     string
	Only    []string          // flows; empty means all
	Kind    kind.Kind         // empty: all of them
	OneKind bool              // where Kind is empty: only the first that the flow has
	Images  bool              // only of what needs an image
	Strict  bool              // one blocked deployment blocks all, as it always does in production
	Prune   bool              // delete what nothing asks for any more, whatever the settings say
	File    string            // a manifest that somebody wrote; empty: one is rendered from flows and settings
	Project string            // with File: whose the deployments are, and the scope of prune
	Flags   map[string]string // settings that the command itself makes, before all others
	Unnamed bool              // nothing is deployed under the names that the settings give
}

// Partial tells whether only some of the environment's deployments are asked for. The rendered manifest is not written then: whoever reads
// it, `prefect deploy --all` among them, takes it for the whole.
func (o Options) Partial() bool { return len(o.Only) > 0 || o.Kind != "" || o.OneKind }

// Line gives the command line of a target for what these options are about, as it can be typed.
func (o Options) Line(target, env string, more ...fault.Flag) string {
	return fault.Command(target, append([]fault.Flag{
		{Name: "env", Value: env}, {Name: "file", Value: o.File}, {Name: "project", Value: o.Project}, {Name: "only", Value: strings.Join(o.Only, ",")},
		{Name: "kind", Value: string(o.Kind)},
	}, more...)...)
}

// Planning gives the command that writes a plan like this one to a file.
func (o Options) Planning() string {
	return o.Line("deploy:plan", o.Env, fault.Flag{Name: "prune", On: o.Prune}, fault.Flag{Name: "out", Value: "FILE"})
}

// adopting gives the command that adopts what blocks a deploy. One of a manifest deploys all kinds of it.
func (o Options) adopting(env string) string {
	if o.File != "" {
		o.Kind = ""
	}
	return o.Line("deploy:adopt", env)
}
