package deploying

import (
	"time"

	"github.com/flowmage/flowmage/tasks/draft"
)

// Options are the choices of deploy:all, deploy:python, deploy:containers, deploy:build, deploy:plan, deploy:apply and deploy:adopt.
type Options struct {
	draft.Options // what the deploy is about

	Yes        bool          // don't ask before deletions
	Wait       time.Duration // for the lock; 0 is the default
	Command    string        // the target's name, for the receipt; empty is deploy:all
	Reviewed   *PlanFile     // the plan that must come out; nil: whichever does
	Unverified bool          // don't look afterwards whether it is visible and can run

	Out      string // plan: the file for deploy:apply
	ExitCode bool   // plan: code 10 when there are changes
	Markdown bool   // plan: for a pull request
	JSON     bool
}

// Following gives the options of a deploy that does exactly what a plan file says, or nothing.
func (o Options) Following(p PlanFile) Options {
	o.Env, o.Only, o.Prune, o.File, o.Project = p.Env, p.Only, p.Prune, p.File, p.Project
	o.Command, o.Reviewed = "deploy:apply", &p
	return o
}
