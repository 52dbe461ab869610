package draft

import (
	"context"
	"maps"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/session"
)

// clone asks git about the code of the flows that workers clone.
func clone(ctx context.Context, s *session.Session, env config.Env, flows []flow.Flow) check.Clone {
	branches, cloned := pinnedFiles(env, flows)
	if !cloned {
		return check.Clone{}
	}
	out := check.Clone{
		Remote: s.Git.Remote(ctx), Changed: s.Commit(ctx).Changed, Commits: map[string]string{}, Unpushed: map[string]bool{}, NoBranch: map[string]bool{},
	}
	for branch, files := range branches {
		history, err := s.Git.History(ctx, files, branch)
		maps.Copy(out.Commits, history.Commits)
		maps.Copy(out.Unpushed, history.Unpushed)
		out.NoBranch[branch] = history.NoBranch
		out.Shallow, out.Prefix = history.Shallow, history.Prefix
		if err != nil {
			out.Problem = err
		}
	}
	return out
}

// pinnedFiles gives the files of the flows whose deployments name a commit, by branch and entrypoint, and whether any flow is cloned at all.
func pinnedFiles(env config.Env, flows []flow.Flow) (map[string]map[string][]string, bool) {
	if env.Code.Git == nil && !env.CodePerFlow() {
		return nil, false
	}
	out, cloned := map[string]map[string][]string{}, false
	for _, f := range flows {
		g := env.Settings(f.Names()...).Code.Git
		if g == nil {
			continue
		}
		cloned = true
		if g.Pin == "branch" {
			continue
		}
		if out[g.Branch] == nil {
			out[g.Branch] = map[string][]string{}
		}
		out[g.Branch][f.Entrypoint] = f.Files
	}
	return out, cloned
}
