// Package draft turns what a repository says into what a Prefect server shall hold, and compares the two.
//
// It is a chain of values. Each stage is a function that takes the value of the one before and gives a new one that holds it; nothing
// changes a value that another stage has got:
//
//	Read      read.go      the settings, the flows, and what is wrong with either
//	Judged    judged.go    which flows go on, and what blocks the others
//	Pinned    pinned.go    which image each container deployment names
//	Rendered  rendered.go  the manifest, and the deployments that it asks for
//	Compared  compared.go  those beside what the server holds, and the plan that follows
//
// After the first one the stages ask nobody. What git, the process's environment and the other environments say is [Around], what Docker and the
// registry say is in [Images]; both are asked for between two stages, and are arguments of the next one.
//
// Start with [Plan], which goes through all of it and tells what it found; plan.go also has the occasions on which the plan is made again. A manifest
// that somebody wrote by hand enters the chain at [Rendered] (byhand.go). Nothing here writes: packages build and deploying carry a plan out.
package draft

import (
	"context"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/session"
)

// From goes the offline part of the chain for the environment that is asked for. What is wrong with settings, flows and manifest is among
// the findings, and no error.
func From(ctx context.Context, s *session.Session, o Options) (Rendered, error) {
	env, problems, err := s.Settings(ctx, o.Env, o.Flags)
	if err != nil {
		return Rendered{}, err
	}
	return Of(ctx, s, env, problems, o)
}

// Of is [From] for settings that are loaded already, with what is wrong with them.
func Of(ctx context.Context, s *session.Session, env config.Env, problems finding.List, o Options) (Rendered, error) {
	if err := o.Kind.Check(); err != nil {
		return Rendered{}, err
	}
	if o.File != "" {
		return byHand(ctx, s, env, problems, o)
	}
	r, err := read(ctx, s, env, problems, o)
	if err != nil {
		return Rendered{}, err
	}
	j := judge(r, around(ctx, s, r))
	return Render(s.Tree(), pin(j, imagesOf(ctx, s, j)))
}
