package git

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// submodules gives those whose work tree has changes, from the top of the work tree as git status has them; known are in the list already. Each
// is asked as the repository itself is.
func (r Repository) submodules(ctx context.Context, known []string, depth int) []string {
	home, found := r.home()
	if !found {
		return nil
	}
	top := filepath.Dir(home)
	if _, err := os.Lstat(filepath.Join(top, ".gitmodules")); err != nil {
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
		if _, err := os.Lstat(filepath.Join(at, ".git")); err != nil {
			continue // it is not checked out
		}
		if r.at(at).facts(ctx, depth).Dirty {
			changed = append(changed, path)
		}
	}
	return changed
}
