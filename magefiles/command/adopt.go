package command

import (
	"cmp"
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Adopt takes over deployments that exist on the server under the names of ours, after showing each and what the next deploy would change.
func Adopt(ctx context.Context, s *session.Session, o deploying.Options) error {
	s.WaitFor(o.Wait)
	c, err := draft.Plan(ctx, s, o.Options, false)
	if err != nil {
		return err
	}
	if o.File != "" && o.Kind != "" {
		c.Plan = c.Plan.OfKind(o.Kind, c.Live)
	}
	list, refused := c.Plan.Adoptable(), deploying.Unadoptable(c.Plan)
	s.Console.Findings(refused)
	if len(list) == 0 {
		s.Console.Say("nothing to adopt: no deployment on the server has the name of one of ours and is nobody's")
		return cmp.Or(deploying.ReportAdopted(s, o, c.Server, nil), deploying.NotAdopted(refused))
	}
	if err := deploying.ShowAdoption(ctx, s, c, list); err != nil {
		return err
	}
	question := fmt.Sprintf("Make %s ours by the tag %s?", console.Count(len(list), "deployment"), c.Owner().Tag())
	if err := s.Console.ConfirmUnless(ctx, o.Yes, question); err != nil {
		return err
	}
	r, err := deploying.Adopt(ctx, s, o, c)
	if err != nil {
		return err
	}
	if err := deploying.ReportAdopted(s, o, c.Server, r.Outcomes); err != nil {
		return err
	}
	if err := deploying.Verdict(plan.Plan{}, r, ""); err != nil {
		return err
	}
	s.Console.Say("`%s` shows how they differ from the repository", o.Line("deploy:plan", c.Env.Name))
	return deploying.NotAdopted(refused)
}

// Release gives deployments back: our tag goes, and all else stays as it is. Afterwards they are somebody else's to us. They must be
// named, because only adopting each one again undoes it.
func Release(ctx context.Context, s *session.Session, o deploying.ReleaseOptions) error {
	s.WaitFor(o.Wait)
	if err := o.Chosen(); err != nil {
		return err
	}
	env, err := session.LoadEnv(ctx, s, o.Env, nil)
	if err != nil {
		return err
	}
	if o.Project != "" {
		env.Project = o.Project
	}
	to, err := s.Connect(ctx, env, session.Access{})
	if err != nil {
		return err
	}
	owner := session.OwnerOf(env)
	list, err := o.Releasable(ctx, to, owner)
	if err != nil {
		return err
	}
	if len(list) == 0 {
		s.Console.Say("nothing to release: no deployment of %s is among these", owner.Tag())
		return deploying.ReportReleased(s, o, to, plan.Result{})
	}
	for _, x := range list {
		more := ""
		if x.Untagged {
			more = "; it has lost our tag already"
		}
		s.Console.Say("~ release %s (flow %s)%s  %s", x.Name, x.Flow, more, to.DeploymentLink(x.ID))
	}
	question := fmt.Sprintf("Give %s back by taking the tag %s away?", console.Count(len(list), "deployment"), owner.Tag())
	if err := s.Console.ConfirmUnless(ctx, o.Yes, question); err != nil {
		return err
	}
	result, err := deploying.Release(ctx, s, to, owner, list, o)
	if err != nil {
		return err
	}
	return deploying.ReportReleased(s, o, to, result)
}
