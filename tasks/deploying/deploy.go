// Package deploying carries plans out: it is what deploy:all and all that changes deployments do.
//
// Start with [Deploy]: guards.go says whether a plan may be carried out, write.go executes it under the lock (lock.go) and leaves a receipt,
// report.go and announce.go tell of it. Plans of other kinds go the same way: [Clean], [Adopt], [Release] and the rollback. A plan that was
// saved for review is planfile.go, a branch's own deployments are preview.go.
package deploying

import (
	"cmp"
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Deploy brings the environment's server to the state that the repository describes. The plan is made three times: to be shown and guarded,
// again when images could not be had, and once more under the lock.
func Deploy(ctx context.Context, s *session.Session, o Options) (Deployed, error) {
	c, err := draft.Plan(ctx, s, o.Options, true)
	if err != nil {
		return Deployed{}, err
	}
	if err := c.Refusal(); err != nil {
		return Deployed{}, err
	}
	if err := guard(ctx, s, o, c); err != nil {
		return Deployed{}, err
	}
	made, err := build.Missing(ctx, s, c)
	if err != nil {
		return Deployed{}, err
	}
	if c, err = c.Repinned(ctx, s, made); err != nil {
		return Deployed{}, err
	}
	if len(c.Imageless) > 0 && (c.Strict() || len(c.Desired) == 0) {
		return Deployed{}, build.NoImage(c.Imageless)
	}
	if _, err := build.Manifest(s, c.Rendered); err != nil {
		return Deployed{}, err
	}
	w, err := writing(o, c)
	if err != nil {
		return Deployed{}, err
	}
	out := Deployed{Compared: c}
	if out.Plan, out.Result, err = Write(ctx, s, w); err != nil {
		return Deployed{}, err
	}
	out.At = time.Now()
	return out, session.EnsureWorkers(ctx, s, c.Server, c.Env, out.Plan.StandingPools(out.Result))
}

// writing gives what is to be written. A plan that was reviewed is refused when it is another one by now.
func writing(o Options, c draft.Compared) (Writing, error) {
	w := Writing{
		To: c.Server, Owner: c.Owner(), Command: "mage " + cmp.Or(o.Command, "deploy:all") + " -env=" + c.Env.Name, Wait: o.Wait, Plan: c.Plan, Digests: c.Pushed,
		Again: func(ctx context.Context, waited bool) (plan.Plan, error) {
			now, err := c.Again(ctx, waited)
			return now.Plan, cmp.Or(err, now.Refusal())
		},
	}
	if o.Reviewed != nil {
		if err := o.Reviewed.reviewed(c); err != nil {
			return Writing{}, err
		}
		w.Refusal = c.Options.Planning()
	}
	return w, nil
}
