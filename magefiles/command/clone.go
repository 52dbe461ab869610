package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
)

// clone asks git about the flows' code, where workers clone it.
func (s *Session) clone(ctx context.Context, env config.Env, flows []flow.Flow) check.Clone {
	g := env.Code.Git
	if g == nil {
		return check.Clone{}
	}
	out := check.Clone{Remote: s.Git.Remote(ctx), Changed: s.commit(ctx).Changed}
	if g.Pin == "branch" {
		return out
	}
	files := map[string][]string{}
	for _, f := range flows {
		files[f.Entrypoint] = f.Files
	}
	history, err := s.Git.History(ctx, files, g.Branch)
	out.Commits, out.Unpushed, out.Problem = history.Commits, history.Unpushed, err
	out.NoBranch, out.Shallow, out.Prefix = history.NoBranch, history.Shallow, history.Prefix
	return out
}
