package command

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

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
