package tree

import (
	"errors"
	"io/fs"
	"path/filepath"
	"strings"
	"syscall"
)

// resolved gives where a path leads when all links are followed, from the root. The error is a refusal when that is elsewhere, or a folder in
// which git and this tool keep what no file of a repository may show. What it gives is opened under the same guard as any other name.
func (t *Tree) resolved(name string) (string, error) {
	base, err := filepath.EvalSymlinks(t.folder)
	if err == nil {
		base, err = filepath.Abs(base)
	}
	if err != nil {
		return "", Reason(err)
	}
	to, err := filepath.EvalSymlinks(filepath.Join(base, filepath.FromSlash(name)))
	if err != nil {
		return "", t.lost(err)
	}
	within, err := filepath.Rel(base, to)
	switch {
	case err != nil || !filepath.IsLocal(within):
		return "", outside()
	case within != filepath.FromSlash(name) && (closed(filepath.ToSlash(within)) || ours(filepath.ToSlash(within))):
		return "", hidden()
	}
	return within, nil
}

// lost tells why a path leads nowhere, as the system would.
func (t *Tree) lost(err error) error {
	err = Reason(err)
	if err.Error() == "EvalSymlinks: too many links" { // (Go: path/filepath/symlink.go, whose error has no name.)
		return syscall.ELOOP
	}
	if errors.Is(err, fs.ErrNotExist) {
		return syscall.ENOENT
	}
	return err
}

// closed tells whether a path lies in git's folder: with a clone's credentials it has what no file of the repository may show.
func closed(name string) bool { return within(name, ".git") }

// ours tells whether a path lies in this tool's folder.
func ours(name string) bool { return within(name, ".flowmage") }

func within(name, folder string) bool {
	return len(name) >= len(folder) && strings.EqualFold(name[:len(folder)], folder) && (len(name) == len(folder) || name[len(folder)] == '/')
}
