package draft

import (
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
)

// takingOver gives the command that adopts what blocks a deploy. One of a manifest deploys all kinds of it.
func (o Options) takingOver(env string) string {
	if o.File != "" {
		o.Kind = ""
	}
	return o.Line("deploy:adopt", env)
}

// Line gives the command line of a target for what these options are about, as it can be typed.
func (o Options) Line(target, env string, more ...fault.Flag) string {
	return fault.Command(target, append([]fault.Flag{
		{Name: "env", Value: env}, {Name: "file", Value: o.File}, {Name: "project", Value: o.Project}, {Name: "only", Value: strings.Join(o.Only, ",")},
		{Name: "kind", Value: string(o.Kind)},
	}, more...)...)
}

// Options are the choices of deploy:all, deploy:python, deploy:plan and deploy:adopt.
type Options struct {
	Env      string
	Only     []string  // flows; empty means all
	Kind     kind.Kind // empty: all of them
	Strict   bool      // one blocked deployment blocks all
	Yes      bool      // don't ask before deletions
	Prune    bool      // delete what nothing asks for any more, whatever the settings say
	JSON     bool
	ExitCode bool          // plan: code 10 when there are changes
	Wait     time.Duration // for the lock; 0 is the default
	Command  string        // the target's name, for the receipt; empty is deploy:all
	Out      string        // plan: the file for deploy:apply
	File     string        // a manifest that somebody wrote; empty: one is rendered from flows and settings
	Project  string        // with File: whose the deployments are, and the scope of prune
	Markdown bool          // plan: for a pull request

	Unverified bool // don't climb the ladder afterwards

	Exactly  string // the fingerprint of the plan that must come out
	Reviewed []byte // what people could read of that plan, as JSON
	OneKind  bool   // where Kind is empty: only the first that the flow has
	Images   bool   // only of what needs an image
	Unnamed  bool   // nothing is deployed under the names that the settings give
}

// partial tells whether only some of the environment's deployments are asked for. The rendered manifest is not written then: whoever reads
// it, `prefect deploy --all` among them, takes it for the whole.
func (o Options) partial() bool { return len(o.Only) > 0 || o.Kind != "" || o.OneKind }

// Production is the environment in which one error stops everything.
const Production = "prod"

// Planning gives the command that makes a plan like the saved one.
func (o Options) Planning() string {
	return o.Line("deploy:plan", o.Env, fault.Flag{Name: "prune", On: o.Prune}, fault.Flag{Name: "out", Value: "FILE"})
}
