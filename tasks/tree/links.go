package tree

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"
)

// resolved gives where a path leads when all links are followed: the tree that it lies in, and its path there. That tree is this one, or that
// of the git repository around it, whose folders may share files. The error is a refusal when a path leads elsewhere, or into a folder in
// which git and this tool keep what no file of a repository may show. What it gives is opened under the same guard as any other name.
func (t *Tree) resolved(name string) (*Tree, string, error) {
	base, err := unlinked(t.folder)
	if err != nil {
		return nil, "", Reason(err)
	}
	to, err := filepath.EvalSymlinks(filepath.Join(base, filepath.FromSlash(name)))
	if err != nil {
		return nil, "", lost(err)
	}
	in := t
	within, err := filepath.Rel(base, to)
	if err != nil || !filepath.IsLocal(within) {
		if in = t.around(base); in == nil {
			return nil, "", errOutside
		}
		if within, err = filepath.Rel(in.folder, to); err != nil || !filepath.IsLocal(within) {
			return nil, "", errOutside
		}
	}
	if (in != t || within != filepath.FromSlash(name)) && private(within) {
		return nil, "", errHidden
	}
	if in != t {
		if _, err := in.opened(); err != nil {
			return nil, "", Reason(err)
		}
	}
	return in, within, nil
}

// beside is resolved for the folder of a path, whose last part is not followed.
func (t *Tree) beside(name string) (*Tree, string, error) {
	in, folder, err := t.resolved(path.Dir(name))
	if err != nil {
		return nil, "", err
	}
	within := filepath.Join(folder, path.Base(name))
	if in != t && private(within) {
		return nil, "", errHidden
	}
	return in, within, nil
}

// around gives the tree of the git repository that the folder lies in, nil when it lies in none or is its top. It is looked for when the
// first link leads out of the folder.
func (t *Tree) around(base string) *Tree {
	t.search.Do(func() {
		if top := topOf(base); top != "" && top != base {
			t.repository = Open(top)
		}
	})
	return t.repository
}

// topOf gives the nearest folder at or above one that has a .git, "" for none. A folder in which anybody may put one, such as /tmp, is
// nobody's repository, nor is the whole machine.
func topOf(folder string) string {
	for {
		info, err := os.Stat(folder)
		above := filepath.Dir(folder)
		if err != nil || above == folder || info.Mode()&fs.ModeSticky != 0 {
			return ""
		}
		if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
			return folder
		}
		folder = above
	}
}

// unlinked gives a folder's path without links.
func unlinked(folder string) (string, error) {
	base, err := filepath.EvalSymlinks(folder)
	if err != nil {
		return "", err
	}
	return filepath.Abs(base)
}

// lost tells why a path leads nowhere, as the system would.
func lost(err error) error {
	err = Reason(err)
	if err.Error() == "EvalSymlinks: too many links" { // (Go: path/filepath/symlink.go, whose error has no name.)
		return syscall.ELOOP
	}
	if errors.Is(err, fs.ErrNotExist) {
		return syscall.ENOENT
	}
	return err
}

// isClosed tells whether a path lies in git's folder: with a clone's credentials it has what no file of the repository may show.
func isClosed(name string) bool {
	first, _, _ := strings.Cut(name, "/")
	return strings.EqualFold(first, ".git")
}

// private tells whether a path leads through a folder of git's or of this tool, of whatever project.
func private(name string) bool {
	for part := range strings.SplitSeq(filepath.ToSlash(name), "/") {
		if strings.EqualFold(part, ".git") || strings.EqualFold(part, ".flowmage") {
			return true
		}
	}
	return false
}
