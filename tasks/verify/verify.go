// Package verify compares the world with what should be, rung by rung: from the server's address up to runs that can start and pages that show
// (verify:deployments, verify:ui, verify:images, and after each deploy). It never writes; the rungs that start runs are package run's.
//
// Start with [Reach], on whose rungs all others stand, and [Deployments]; [Climb] goes up what they give. How a rung is made and what a failed
// one does to those above is in package ladder.
package verify

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
)

// Deployed climbs what is new after a deploy: the way to the server has just been gone. The plan is what [plan.Plan.Applied] gives, since
// is when the server accepted the last write. A failure is told and doesn't undo the deploy, so the exit code stays the deploy's own.
func Deployed(ctx context.Context, s *session.Session, to session.Server, env config.Env, plan plan.Plan, since time.Time) ladder.Rungs {
	view := ViewOf(to, env)
	steps := Deployments(view, plan, pool.Types(env))
	steps = append(steps, UI(view, Shown{IDs: plan.IDs(), Since: since})...)
	rungs := Climb(ctx, s, steps)
	for _, r := range rungs {
		if r.State == ladder.Failed || r.State == ladder.Warned {
			s.Console.Warn("%s", r.Told())
		}
		if r.State == ladder.OK && r.Name == rungVisible {
			s.Console.Say("visible in the UI: %s", r.Detail)
		}
	}
	s.Console.Say("verified: %d checks ok, %d warnings, %d failed, %d skipped",
		rungs.Count(ladder.OK), rungs.Count(ladder.Warned), rungs.Count(ladder.Failed), rungs.Count(ladder.Skipped))
	return rungs
}
