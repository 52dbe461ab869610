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
// Start with [Plan], which goes through all of it and tells what it found. A manifest that somebody wrote by hand enters the chain at
// [Rendered] (byhand.go). Nothing here writes to a server: package deploying carries a plan out. [Keep] saves the manifest beside the Makefile.
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
	return Render(s, pin(ctx, s, judge(ctx, s, r)))
}
