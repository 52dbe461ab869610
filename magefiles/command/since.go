package command

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/change"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/report"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// narrowed leaves of a draft what has to do with what has changed since a commit.
func narrowed(s *session.Session, d draft.Rendered, ref string, diff git.Difference) (draft.Rendered, *report.Since) {
	e := change.Of(change.Files{Changed: diff.Changed, Gone: diff.Gone, Text: func(name string) []byte {
		text, _ := tree.Read(s.Tree(), name, tree.Source) // what can't be read is found out elsewhere
		return text
	}}, d.Env, d.Selected)
	since := &report.Since{Ref: ref, Base: diff.Base, Changed: append([]string{}, diff.Changed...), Flows: []string{}, LeftOut: []string{}}
	for _, f := range d.Selected {
		if e.Concerns(f.Entrypoint) {
			since.Flows = append(since.Flows, f.Name)
		} else {
			since.LeftOut = append(since.LeftOut, f.Name)
		}
	}
	kept := d.Findings.Where(e.Keeps)
	since.Hidden = len(d.Findings.Sorted()) - len(kept.Sorted())
	d.Findings = kept
	d.Flows = slices.DeleteFunc(slices.Clone(d.Flows), func(f flow.Flow) bool { return !e.Concerns(f.Entrypoint) })
	d.Blocked = slices.DeleteFunc(slices.Clone(d.Blocked), func(b draft.Block) bool { return !e.Concerns(b.Entrypoint) })
	return d, since
}

// changes begins to ask git what has changed since a commit, if one is named, and gives what waits for the answer.
func changes(ctx context.Context, s *session.Session, ref string) func() (git.Difference, error) {
	if ref == "" {
		return func() (git.Difference, error) { return git.Difference{}, nil }
	}
	var diff git.Difference
	var err error
	done := make(chan struct{})
	go func() {
		defer close(done)
		diff, err = changed(ctx, s, ref)
	}()
	return func() (git.Difference, error) {
		<-done
		return diff, err
	}
}

// changed asks git what has changed since a commit.
func changed(ctx context.Context, s *session.Session, ref string) (git.Difference, error) {
	diff, err := s.Git.Since(ctx, ref)
	if err == nil {
		return diff, nil
	}
	wrong := &fault.Error{Code: fault.Usage, What: fmt.Sprintf("git can't tell what has changed since %q; nothing was checked", ref), Err: err}
	branch := path.Base(ref)
	if remote, rest, ok := strings.Cut(ref, "/"); ok && remote == "origin" {
		branch = rest
	}
	switch {
	case errors.Is(err, git.ErrShallow) && errors.Is(err, git.ErrNoCommit):
		wrong.Next = "git fetch --unshallow origin " + fault.Typed("+refs/heads/"+branch+":refs/remotes/origin/"+branch) + " (GitHub Actions: fetch-depth: 0 for actions/checkout; GitLab: GIT_DEPTH: 0)"
	case errors.Is(err, git.ErrShallow):
		wrong.Next = "git fetch --unshallow (GitHub Actions: fetch-depth: 0 for actions/checkout; GitLab: GIT_DEPTH: 0)"
	case errors.Is(err, git.ErrNoCommit):
		wrong.Next = "name a commit, a branch or a tag that `git log` knows here"
		if near := finding.Nearest(ref, s.Git.Names(ctx)); near != "" {
			wrong.Next = "-since=" + near
		} else if strings.HasPrefix(ref, "origin/") {
			wrong.Next = "git fetch origin " + fault.Typed("+refs/heads/"+branch+":refs/remotes/origin/"+branch)
		}
	case errors.Is(err, git.ErrUnrelated):
		wrong.Next = "name a commit of this history"
	case errors.Is(err, git.ErrNoRepository):
		wrong.Next = "check the repository out with git: an unpacked archive has no history; or leave -since= out"
	case errors.Is(err, git.ErrNoProgram):
		wrong.Next = "install git; or leave -since= out"
	default:
		wrong.Next = "leave -since= out to check everything"
	}
	return git.Difference{}, wrong
}
