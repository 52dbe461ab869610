// Package git answers questions about the repository: which commit and branch, whether the work tree is dirty, which commit
// last touched some files.
//
// Start with [Open]. Every answer comes from the git program through bitfield/script, which suits short questions with small
// answers; nothing here changes a repository. A folder without git is no failure: [Facts] is then empty.
package git

import (
	"bytes"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/bitfield/script"

	"github.com/flowmage/flowmage/tasks/secret"
)

// Repository is a work tree. The zero value is not usable: call [Open].
type Repository struct {
	root      string
	generated []string
}

// Open names the work tree at root; it does not look at the disk. Files that match one of the patterns (path.Match) are made by this tool
// and never count as changes.
func Open(root string, generated ...string) Repository { return Repository{root, generated} }

// Facts is what a banner and a receipt say of the code. The zero value means: not a git work tree, or no commit yet.
type Facts struct {
	Commit string // full hash of HEAD
	Branch string // empty when HEAD is detached
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

// Facts reads commit, branch and state with one git call (status --porcelain=v2 --branch).
func (r Repository) Facts(ctx context.Context) Facts {
	out, err := r.ask(ctx, "status", "--porcelain=v2", "--branch", "--untracked-files=normal")
	if err != nil {
		return Facts{} // no git program, no repository, or no permission: the tool works without these facts
	}
	return r.parseStatus(out)
}

func (r Repository) parseStatus(out string) Facts {
	var f Facts
	for line := range strings.Lines(out) {
		line = strings.TrimRight(line, "\r\n")
		switch {
		case strings.HasPrefix(line, "# branch.oid "):
			if oid := strings.TrimPrefix(line, "# branch.oid "); oid != "(initial)" {
				f.Commit = oid
			}
		case strings.HasPrefix(line, "# branch.head "):
			if head := strings.TrimPrefix(line, "# branch.head "); head != "(detached)" {
				f.Branch = head
			}
		case strings.HasPrefix(line, "#"), line == "":
		default:
			if file := changedFile(line); !slices.ContainsFunc(r.generated, func(pattern string) bool {
				ok, err := path.Match(pattern, file)
				return ok && err == nil
			}) {
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

// Remote gives the address of the remote origin without credentials, or "" when there is none.
func (r Repository) Remote(ctx context.Context) string {
	out, err := r.ask(ctx, "config", "--get", "remote.origin.url")
	if err != nil {
		return ""
	}
	return secret.Bare(strings.TrimSpace(out))
}

// ask runs git in the work tree and gives its standard output. Standard error goes into the error.
func (r Repository) ask(ctx context.Context, args ...string) (string, error) {
	var stderr bytes.Buffer
	// --no-optional-locks: a question must not take index.lock away from the user's own git.
	full := append([]string{"-C", r.root, "--no-optional-locks", "-c", "core.quotePath=off"}, args...)
	out, err := script.NewPipe().WithContext(ctx).WithStderr(&stderr).ExecCommand("git", full...).String()
	if err != nil {
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return out, nil
}
