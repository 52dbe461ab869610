package command

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
)

// guarded refuses a deploy that the environment's guards don't allow, all reasons at once, and asks before one that deletes. A plan that
// changes nothing, and one that was reviewed before, are not asked about.
func (s *Session) guarded(ctx context.Context, o DeployOptions, c comparison) error {
	if c.plan.Empty() {
		return nil
	}
	if refusals := s.refusals(ctx, c); len(refusals) > 0 {
		s.Console.Findings(refusals)
		return &fault.Error{
			Code: fault.Refused, What: "refused by the guards of " + c.draft.env.Name, Why: "nothing was written", Next: "see above; docs/settings.md#guards",
		}
	}
	gone, pools := c.plan.Count(plan.Delete), c.plan.CountPools(plan.Delete)
	if c.draft.env.Guards.Confirm && gone+pools > 0 && o.exactly == "" && !o.Yes {
		if err := printed.Text(s.Console.Err(), s.Console.Paint, c.plan); err != nil {
			return err
		}
		return s.agreed(ctx, false, fmt.Sprintf("Delete %s of %s on %s?", counted(gone, pools), c.draft.owner().Tag(), c.server.api.URL()))
	}
	return nil
}

// foretold makes refusals warnings, for who only looks.
func foretold(list finding.List) finding.List {
	for i := range list {
		list[i].Severity = finding.Warning
		list[i].Message = "a deploy would be refused: " + list[i].Message
	}
	return list
}

// refusals gives what the guards have against a deploy.
func (s *Session) refusals(ctx context.Context, c comparison) finding.List {
	facts := s.commit(ctx)
	now := check.Situation{
		Commit: facts.Commit, Branch: facts.Branch, Changed: facts.Changed, Server: c.server.api.URL(), Images: map[string]string{},
	}
	for _, d := range c.draft.desired {
		now.Images[d.Name] = d.Image()
	}
	if c.draft.env.Guards.OwnServer && c.draft.env.Name != "dev" {
		now.Dev = s.devServer(ctx)
	}
	return check.Guards(c.draft.env, now)
}

// devServer gives the address of dev's server as files say, or that of the embedded one; "" when there is none yet. Variables that point
// this one command somewhere don't count.
func (s *Session) devServer(ctx context.Context) string {
	quiet := s.source(ctx, "dev")
	quiet.Environ = slices.DeleteFunc(slices.Clone(s.Environ), func(pair string) bool { return strings.HasPrefix(strings.ToUpper(pair), "FLOWMAGE_") })
	env, _, err := config.Load(quiet)
	if err != nil || env.Server.URL != "" {
		return env.Server.URL
	}
	running, _ := s.embedded(env).Recorded(ctx)
	return running.URL
}
