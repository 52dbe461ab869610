// Package git answers questions about the repository: which commit and branch, whether the work tree is dirty, which commit
// last touched some files.
//
// Start with [Open]. Every answer comes from the git program through bitfield/script, which suits short questions with small
// answers; nothing here changes a repository, and nothing of a repository is started by it, whatever its configuration says (ask.go), but for
// filters, without which a clean work tree looks changed: only those of a repository that is not trusted are left out ([Repository.Untrusted]). A folder without git is no failure: [Facts] is then empty.
package git

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/secret"
)

// Repository is a work tree. The zero value is not usable: call [Open].
type Repository struct {
	root      string
	generated []string
	untrusted bool
}

// Open names the work tree at root; it does not look at the disk. Files that match one of the patterns (path.Match) are made by this tool
// and never count as changes.
func Open(root string, generated ...string) Repository {
	return Repository{root: root, generated: generated}
}

// Untrusted gives the same work tree as one whose own configuration may name programs that must not be started.
func (r Repository) Untrusted() Repository {
	r.untrusted = true
	return r
}

// at gives another work tree, with what holds for this one.
func (r Repository) at(root string) Repository {
	r.root = root
	return r
}

// Facts is what a banner and a receipt say of the code. The zero value means: not a git work tree, or no commit yet.
type Facts struct {
	Commit string // full hash of HEAD
	Branch string // empty when HEAD is detached and nobody else has told it
	By     string // who has told Branch or Pull; empty: the work tree itself
	Pull   string // the branch of the pull request that HEAD was made of for trial, as By tells
	Dirty  bool   // tracked files differ from HEAD, or untracked ones are not ignored
	// Changed are the files that make it dirty, from the top of the work tree; a folder with a slash behind it when all of it is new.
	Changed []string
}

// Short gives the commit's first nine digits with "-dirty" where it applies, or "no commit".
func (f Facts) Short() string {
	if f.Commit == "" {
		return "no commit"
	}
	s := f.Commit[:min(9, len(f.Commit))]
	if f.Dirty {
		s += "-dirty"
	}
	return s
}

// Facts reads commit, branch and state with one git call (status --porcelain=v2 --branch); only where the repository's configuration may name
// filters, or there are submodules, it takes more.
func (r Repository) Facts(ctx context.Context) Facts {
	return r.facts(ctx, deepest)
}

// deepest bounds how far submodules in submodules are followed.
const deepest = 8

func (r Repository) facts(ctx context.Context, depth int) Facts {
	off, err := r.filtersOff(ctx)
	if err != nil {
		return Facts{} // no git program, no repository, or no permission: the tool works without these facts
	}
	// Git would look into submodules by programs of their own, each under its submodule's own configuration.
	out, err := r.ask(ctx, append(off, "status", "--porcelain=v2", "--branch", "--untracked-files=normal", "--ignore-submodules=dirty")...)
	if err != nil {
		return Facts{}
	}
	f := r.parseStatus(out)
	if depth > 0 {
		f.Changed = append(f.Changed, r.submodules(ctx, f.Changed, depth-1)...)
		f.Dirty = len(f.Changed) > 0
	}
	return f
}

func (r Repository) parseStatus(out string) Facts {
	var f Facts
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		commit, first := strings.CutPrefix(line, "# branch.oid ")
		branch, second := strings.CutPrefix(line, "# branch.head ")
		switch {
		case first && commit != "(initial)":
			f.Commit = commit
		case second && branch != "(detached)":
			f.Branch = branch
		case strings.HasPrefix(line, "#"), line == "":
		default:
			if file := changedFile(line); !r.isGenerated(file) {
				f.Changed = append(f.Changed, file)
			}
		}
	}
	f.Dirty = len(f.Changed) > 0
	return f
}

// changedFile gives the path in a line of git status --porcelain=v2. How many words stand in front of it depends on the kind of line.
func changedFile(line string) string {
	words := map[byte]int{'1': 9, '2': 10, 'u': 11, '?': 2, '!': 2}[line[0]]
	parts := strings.SplitN(line, " ", max(words, 1))
	file, _, _ := strings.Cut(parts[len(parts)-1], "\t") // a renamed file's old name stands behind a tab
	return file
}

// submodules gives those whose work tree has changes, from the top of the work tree as git status has them; known are in the list already. Each
// is asked as the repository itself is.
func (r Repository) submodules(ctx context.Context, known []string, depth int) []string {
	home, found := r.home()
	if !found {
		return nil
	}
	top := filepath.Dir(home)
	if !there(top, ".gitmodules") {
		return nil
	}
	out, err := r.at(top).ask(ctx, "ls-files", "--stage", "-z")
	if err != nil {
		return nil
	}
	var changed []string
	for entry := range strings.SplitSeq(out, "\x00") {
		details, path, _ := strings.Cut(entry, "\t")
		if !strings.HasPrefix(details, "160000 ") || slices.Contains(known, path) || !filepath.IsLocal(path) {
			continue
		}
		at := filepath.Join(top, filepath.FromSlash(path))
		if there(at, ".git") && r.at(at).facts(ctx, depth).Dirty { // else it is not checked out
			changed = append(changed, path)
		}
	}
	return changed
}

// Remote gives the address of the remote origin without credentials, or "" when there is none.
func (r Repository) Remote(ctx context.Context) string {
	out, err := r.ask(ctx, "config", "--get", "remote.origin.url")
	if err != nil {
		return ""
	}
	return secret.Bare(strings.TrimSpace(out))
}
