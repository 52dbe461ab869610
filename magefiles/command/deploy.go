package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/browser"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verify"
)

// Deploy brings the environment's server to the state that the repository describes, looks whether it can be seen there, and prints where.
func Deploy(ctx context.Context, s *session.Session, o deploying.Options) error {
	s.WaitFor(o.Wait)
	_, err := deployed(ctx, s, o)
	return err
}

// deployed deploys and tells of it. The error of a deploy that has come to its end comes with what it has led to.
func deployed(ctx context.Context, s *session.Session, o deploying.Options) (deploying.Deployed, error) {
	out, err := deploying.Deploy(ctx, s, o)
	if err != nil {
		return out, err
	}
	if err := deploying.Report(s, o.JSON, out); err != nil {
		return out, err
	}
	var rungs ladder.Rungs
	if !o.Unverified && !out.Plan.Empty() { // what was verified once and is unchanged costs a compare, and nothing else
		rungs = verify.Deployed(ctx, s, out.Server, out.Env, out.Plan.Applied(out.Result), out.At)
	}
	deploying.Announce(ctx, s, out, rungs)
	browser.Offer(s, out.Server)
	return out, deploying.Verdict(out.Plan, out.Result, "the others were deployed")
}

// Plan prints what a deploy would do and changes nothing.
func Plan(ctx context.Context, s *session.Session, o deploying.Options) error {
	c, err := draft.Plan(ctx, s, o.Options, false)
	if err != nil {
		return err
	}
	c.Plan = c.ForetellImages(c.Plan)
	switch {
	case o.JSON:
		err = s.Console.JSON(c.Plan)
	case o.Markdown:
		err = printed.Markdown(s.Console.Out(), c.Plan)
	default:
		err = printed.Text(s.Console.Out(), s.Console.Paint, c.Plan)
	}
	if err == nil && o.Out != "" {
		err = deploying.SavePlan(s, o.Out, c)
	}
	if err == nil && !c.Plan.Empty() {
		s.Console.Findings(deploying.Foretold(deploying.Refusals(ctx, s, c)))
	}
	if err == nil {
		err = c.Refusal()
	}
	switch {
	case err != nil:
		return err
	case len(deploying.BlockedNames(c.Plan)) > 0:
		return deploying.Verdict(c.Plan, plan.Result{}, "a deploy would leave them out")
	case o.ExitCode && !c.Plan.Empty():
		return &fault.Error{Code: fault.Changes, What: "the server differs from the repository", Next: "mage deploy:all -env=" + c.Env.Name}
	default:
		return nil
	}
}

// Apply executes a plan that deploy:plan wrote, if it is still what a deploy would do.
func Apply(ctx context.Context, s *session.Session, name string, o deploying.Options) error {
	s.WaitFor(o.Wait)
	saved, err := deploying.LoadPlan(s, name)
	if err != nil {
		return err
	}
	_, err = deployed(ctx, s, o.Following(saved))
	return err
}

// Clean lists our deployments and work pools of the environment, asks, and deletes them with the receipts. What lacks our tag stays. Narrowed to
// some deployments, it deletes those alone and leaves a receipt.
func Clean(ctx context.Context, s *session.Session, o deploying.CleanOptions) error {
	if err := o.Check(); err != nil {
		return err
	}
	env, err := session.LoadEnv(ctx, s, o.Env, o.Flags)
	if err != nil {
		return err
	}
	to, err := s.Connect(ctx, env, session.Access{})
	if err != nil {
		return err
	}
	return deploying.Clean(ctx, s, o, env, to, session.OwnerOf(env))
}
