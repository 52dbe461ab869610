package deploying

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/session"
)

// guard refuses a deploy that the environment's guards don't allow, all reasons at once, and asks before one that deletes. A plan that
// changes nothing, and one that was reviewed before, are not asked about.
func guard(ctx context.Context, s *session.Session, o Options, c draft.Compared) error {
	if c.Plan.Empty() {
		return nil
	}
	if refusals := Refusals(ctx, s, c); len(refusals) > 0 {
		s.Console.Findings(refusals)
		return &fault.Error{
			Code: fault.Refused, What: "refused by the guards of " + c.Env.Name, Why: "nothing was written", Next: "see above; docs/settings.md#guards",
		}
	}
	gone, pools := c.Plan.Count(plan.Delete), c.Plan.CountPools(plan.Delete)
	if c.Env.Guards.Confirm && gone+pools > 0 && o.Reviewed == nil && !o.Yes {
		if err := printed.Text(s.Console.Err(), s.Console.Paint, c.Plan); err != nil {
			return err
		}
		return s.Console.ConfirmUnless(ctx, false, fmt.Sprintf("Delete %s of %s on %s?", counted(gone, pools), c.Owner().Tag(), c.Server.API.URL()))
	}
	return nil
}

// Foretold makes refusals warnings, for who only looks.
func Foretold(list finding.List) finding.List {
	for i := range list {
		list[i].Severity = finding.Warning
		list[i].Message = "a deploy would be refused: " + list[i].Message
	}
	return list
}

// Refusals gives what the guards have against a deploy.
func Refusals(ctx context.Context, s *session.Session, c draft.Compared) finding.List {
	facts := s.Commit(ctx)
	now := check.Situation{
		Commit: facts.Commit, Branch: facts.Branch, Pull: facts.Pull, Changed: facts.Changed, Server: c.Server.API.URL(), Images: map[string]string{},
	}
	for _, d := range c.Desired {
		now.Images[d.Name] = d.Image()
	}
	if c.Env.Guards.OwnServer && c.Env.Name != "dev" {
		now.Dev = devServer(ctx, s)
	}
	return check.Guards(c.Env, now)
}

// devServer gives the address of dev's server as files say, or that of the embedded one; "" when there is none yet. Variables that point
// this one command somewhere don't count.
func devServer(ctx context.Context, s *session.Session) string {
	env, _, err := config.Load(s.Filed(ctx, "dev"))
	if err != nil || env.Server.URL != "" {
		return env.Server.URL
	}
	running, _ := s.Embedded(env).Recorded(ctx)
	return running.URL
}
