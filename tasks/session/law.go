package session

import (
	"context"
	"io/fs"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/verdict"
)

// Law gives what becomes of findings in an environment: what its settings say of rules, and the comments in files in which there may be some.
func (s *Session) Law(ctx context.Context, env config.Env, marked ...[]string) verdict.Law {
	if env.Name == "" { // another tree, which has no settings
		return verdict.Law{}
	}
	law := verdict.Law{Env: env.Name, Rulings: env.Rules}
	files := slices.Compact(slices.Sorted(slices.Values(slices.Concat(marked...))))
	if s.Rules != nil && (len(env.Rules) > 0 || len(files) > 0) { // seldom is anything said
		law.Rules = s.AllRules(ctx)
	}
	return law.With(s.Counting(ctx, verdict.Read(s.Tree(), files))...)
}

// Counting gives comments as they count: in the pull request of a stranger only those do that its base has too.
func (s *Session) Counting(ctx context.Context, list []verdict.Ignore) []verdict.Ignore {
	b := mergeBase(ctx, s)
	if b == nil || len(list) == 0 {
		return list
	}
	name := b.Name
	if name == "" {
		name = "the branch that this is to be merged into"
	}
	var files fs.FS
	if b.Files != nil {
		files, _ = s.Git.Snapshot(ctx, s.baseRef, func(file string) bool { // without them none counts
			return slices.ContainsFunc(list, func(i verdict.Ignore) bool { return i.At.File == file })
		})
	}
	return verdict.Merged(list, files, name)
}
