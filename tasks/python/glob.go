package python

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// mostLooks is how often a pattern may have a folder listed or a file looked at: several ** in one walk the tree again and again.
const mostLooks = 20_000

var errLooks = errors.New("the pattern takes too many looks")

// glob gives what a pattern of somebody else's fits in a tree, nothing when it takes too long to tell.
func glob(root fs.FS, pattern string) []string {
	for strings.Contains(pattern, "**/**/") {
		pattern = strings.ReplaceAll(pattern, "**/**/", "**/")
	}
	found, err := doublestar.Glob(&counted{FS: root, left: mostLooks}, path.Clean(pattern), doublestar.WithNoFollow(), doublestar.WithFailOnIOErrors())
	if err != nil {
		return nil
	}
	return found
}

// counted is a tree that can be looked at only so often. What can't be read is not there.
type counted struct {
	fs.FS
	left int
}

// ReadDir lists a folder.
func (c *counted) ReadDir(name string) ([]fs.DirEntry, error) {
	if c.left--; c.left < 0 {
		return nil, errLooks
	}
	entries, err := fs.ReadDir(c.FS, name)
	if err != nil {
		return nil, nil //nolint:nilerr // as if it was empty
	}
	return entries, nil
}

// Stat tells what is at a path.
func (c *counted) Stat(name string) (fs.FileInfo, error) {
	if c.left--; c.left < 0 {
		return nil, errLooks
	}
	info, err := fs.Stat(c.FS, name)
	if err != nil {
		return nil, fs.ErrNotExist
	}
	return info, nil
}
