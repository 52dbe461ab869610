package git

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// Why it can't be told what has changed since a commit, besides the reasons of a snapshot.
var (
	ErrShallow   = errors.New("this clone holds only the newest commits")
	ErrUnrelated = errors.New("the two have no commit in common")
)

// Difference is what has changed since a commit.
type Difference struct {
	Base    string   // the newest commit that both it and HEAD have
	Changed []string // files that are otherwise than there, committed or not, new ones included; paths count from the root
	Gone    []string // those of them that are not there any more
}

// Since gives what is otherwise in the work tree than where HEAD's history and a commit's have parted. name is as people write it: a hash, a branch, a tag,
// HEAD~3. Files that git ignores don't count, and a file that was renamed is gone by its old name. Where the name says nothing here the error is
// [ErrNoCommit], where too little of the history is here it is [ErrShallow].
func (r Repository) Since(ctx context.Context, name string) (Difference, error) {
	var base, said, fresh string
	var both errgroup.Group
	both.Go(func() (err error) {
		if base, err = r.parted(ctx, name); err == nil {
			said, err = r.named(ctx, base)
		}
		return err
	})
	var unasked error
	both.Go(func() error {
		fresh, unasked = r.ask(ctx, "ls-files", "--others", "--exclude-standard", "-z")
		return nil // the other one says why better
	})
	if err := cmp.Or(both.Wait(), unasked); err != nil {
		return Difference{}, err
	}
	d := Difference{Base: base}
	fields := strings.Split(said, "\x00")
	for i := 0; i+1 < len(fields); i += 2 {
		d.Changed = append(d.Changed, fields[i+1])
		if fields[i] == "D" {
			d.Gone = append(d.Gone, fields[i+1])
		}
	}
	untracked := strings.Split(fresh, "\x00")
	for _, file := range untracked {
		if folder, _, below := strings.Cut(file, "/"); file != "" && !(below && r.isGenerated(folder+"/")) {
			d.Changed = append(d.Changed, file)
		}
	}
	d.Changed = slices.DeleteFunc(d.Changed, r.isGenerated)
	slices.Sort(d.Changed)
	d.Changed = slices.Compact(d.Changed)
	d.Gone = slices.DeleteFunc(d.Gone, func(file string) bool { return slices.Contains(untracked, file) }) // taken out of git alone
	return d, nil
}

// named gives the files that differ from a commit, with what has become of them. Nothing shows a difference here: neither an external diff nor textconv is
// started.
func (r Repository) named(ctx context.Context, base string) (string, error) {
	off, err := r.filtersOff(ctx)
	if err != nil {
		return "", err
	}
	return r.ask(ctx, append(off, "diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "--ignore-submodules=dirty", "--relative", "--name-status", "-z", base, "--")...)
}

// isGenerated tells whether this tool has made a file, which then is no change.
func (r Repository) isGenerated(file string) bool {
	return slices.ContainsFunc(r.generated, func(pattern string) bool {
		ok, err := path.Match(pattern, file)
		return ok && err == nil
	})
}

// parted gives the commit at which HEAD's history and a commit's have parted.
func (r Repository) parted(ctx context.Context, name string) (string, error) {
	commit, err := r.ask(ctx, "rev-parse", "--verify", "--quiet", "--end-of-options", name+"^{commit}")
	if commit = strings.TrimSpace(commit); err != nil || commit == "" {
		if err := r.missing(ctx); !errors.Is(err, ErrNoCommit) {
			return "", err
		}
		if r.shallow(ctx) {
			return "", errors.Join(ErrShallow, ErrNoCommit)
		}
		return "", ErrNoCommit
	}
	base, err := r.ask(ctx, "merge-base", commit, "HEAD")
	if base = strings.TrimSpace(base); err != nil || base == "" {
		if r.shallow(ctx) {
			return "", ErrShallow
		}
		return "", ErrUnrelated
	}
	return base, nil
}

func (r Repository) shallow(ctx context.Context) bool {
	out, err := r.ask(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && strings.TrimSpace(out) == "true"
}

// Names gives what a commit may be called here: branches, those of the remotes with its name in front, and tags.
func (r Repository) Names(ctx context.Context) []string {
	out, err := r.ask(ctx, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes", "refs/tags")
	if err != nil {
		return nil
	}
	names := []string{"HEAD"}
	for ref := range strings.FieldsSeq(out) {
		for _, kind := range []string{"refs/heads/", "refs/remotes/", "refs/tags/"} {
			if name, is := strings.CutPrefix(ref, kind); is {
				names = append(names, name)
			}
		}
	}
	return names
}
