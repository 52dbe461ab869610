package command

import (
	"cmp"
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/browser"
	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verify"
)

// Deploy brings the environment's server to the state that the repository describes, reads back what it wrote, and prints where to
// see it.
func Deploy(ctx context.Context, s *session.Session, o draft.Options) error {
	s.WaitFor(o.Wait)
	_, err := carryOut(ctx, s, o)
	return err
}

func carryOut(ctx context.Context, s *session.Session, o draft.Options) (deploying.Deployed, error) {
	c, err := draft.Plan(ctx, s, o, true)
	if err != nil {
		return deploying.Deployed{}, err
	}
	to := c.Server
	out := deploying.Deployed{Draft: c.Draft, Server: to}
	if err := deploying.Guard(ctx, s, o, c); err != nil {
		return out, err
	}
	if err := build.Missing(ctx, s, o, &c); err != nil {
		return out, err
	}
	d, plan := c.Draft, c.Plan
	out.Draft = d
	if _, err := draft.Keep(s, d, o); err != nil {
		return out, err
	}
	refusal := ""
	if o.Exactly != "" {
		if err := o.AsReviewed(d, plan); err != nil {
			return out, err
		}
		refusal = o.Planning()
	}
	out.Plan, out.Result, err = deploying.Write(ctx, s, deploying.Writing{
		Refusal: refusal, Digests: d.Pushed,
		To: to, Owner: d.Owner(), Command: "mage " + cmp.Or(o.Command, "deploy:all") + " -env=" + d.Env.Name, Wait: o.Wait, Plan: plan,
		Again: func(ctx context.Context, waited bool) (deploy.Plan, error) { return draft.Replan(ctx, s, c, o, waited) },
	})
	if err != nil {
		return out, err
	}
	written := time.Now()
	if err := session.EnsureWorkers(ctx, s, to, d.Env, out.Plan.StandingPools(out.Result)); err != nil {
		return out, err
	}
	if err := deploying.Report(s, o, out); err != nil {
		return out, err
	}
	var rungs ladder.Rungs
	if !o.Unverified && !out.Plan.Empty() { // what was verified once and is unchanged costs a compare, and nothing else
		rungs = verify.Deployed(ctx, s, out.Server, out.Draft.Env, out.Plan.Applied(out.Result), written)
	}
	deploying.Announce(ctx, s, out, rungs)
	browser.Offer(s, to)
	return out, deploying.Verdict(out.Plan, out.Result, "the others were deployed")
}

// Plan prints what a deploy would do and changes nothing.
func Plan(ctx context.Context, s *session.Session, o draft.Options) error {
	c, err := draft.Plan(ctx, s, o, false)
	if err != nil {
		return err
	}
	d, plan := c.Draft, c.Plan
	d.ForetellImages(plan)
	switch {
	case o.JSON:
		err = s.Console.JSON(plan)
	case o.Markdown:
		err = plan.WriteMarkdown(s.Console.Out())
	default:
		err = plan.WriteText(s.Console.Out(), s.Console.Paint)
	}
	if err == nil && o.Out != "" {
		err = deploying.SavePlan(s, o, d.Env.Name, plan)
	}
	if err == nil && !plan.Empty() {
		s.Console.Findings(deploying.Foretold(deploying.Refusals(ctx, s, c)))
	}
	switch {
	case err != nil:
		return err
	case len(deploying.BlockedNames(plan)) > 0:
		return deploying.Verdict(plan, deploy.Result{}, "a deploy would leave them out")
	case o.ExitCode && !plan.Empty():
		return &fault.Error{Code: fault.Changes, What: "the server differs from the repository", Next: "mage deploy:all -env=" + d.Env.Name}
	default:
		return nil
	}
}

// Apply executes a plan that deploy:plan wrote, if it is still what a deploy would do.
func Apply(ctx context.Context, s *session.Session, name string, o draft.Options) error {
	s.WaitFor(o.Wait)
	saved, err := deploying.LoadPlan(s, name)
	if err != nil {
		return err
	}
	o.Env, o.Only, o.Prune, o.File, o.Project = saved.Env, saved.Only, saved.Prune, saved.File, saved.Project
	o.Command, o.Exactly, o.Reviewed = "deploy:apply", saved.Fingerprint, saved.Plan
	_, err = carryOut(ctx, s, o)
	return err
}
