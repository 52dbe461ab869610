package python

import (
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
	"github.com/bmatcuk/doublestar/v4"

	"github.com/flowmage/flowmage/tasks/tree"
)

// project tells of the project in a folder where its packages stand, and which other projects of the tree it installs beside itself.
type project struct{ places, companions []string }

// project reads the settings of the project in a folder. Packages stand in the folder itself, in src, or where the build tool is told to look.
// Beside itself a project installs the members of its uv workspace, and what it depends on by a path (uv, Poetry). ok is false for a folder
// that is no project's.
func (l *Library) project(folder string) (p project, ok bool) {
	if !slices.ContainsFunc([]string{"pyproject.toml", "setup.py", "setup.cfg"}, func(name string) bool { return l.isFile(path.Join(folder, name)) }) {
		return project{}, false
	}
	var settings map[string]any
	if text, err := tree.Read(l.root, path.Join(folder, "pyproject.toml"), tree.Text); err == nil {
		_ = toml.Unmarshal(text, &settings) // what is wrong with them is told by who installs the project
	}
	tool, _ := settings["tool"].(map[string]any)
	for _, inner := range append([]string{"src", "."}, packageFolders(tool)...) {
		// The tree's root is looked through anyway.
		if at := path.Join(folder, inner); at != "." && fs.ValidPath(at) && l.isFolder(at) && !slices.Contains(p.places, at) {
			p.places = append(p.places, at)
		}
	}
	for _, at := range append(l.members(folder, tool), dependencyPaths(tool)...) {
		if at = path.Join(folder, at); at != folder && fs.ValidPath(at) {
			p.companions = append(p.companions, at)
		}
	}
	slices.Sort(p.companions)
	p.companions = slices.Compact(p.companions)
	return p, true
}

// members gives the folders of a uv workspace, from that of its settings.
func (l *Library) members(folder string, tool map[string]any) []string {
	root, err := fs.Sub(l.root, folder)
	if err != nil {
		return nil
	}
	excluded := texts(tool, "uv", "workspace", "exclude")
	var out []string
	for _, pattern := range texts(tool, "uv", "workspace", "members") {
		for _, member := range glob(root, pattern) {
			if !slices.ContainsFunc(excluded, func(x string) bool { return doublestar.MatchUnvalidated(path.Clean(x), member) }) {
				out = append(out, member)
			}
		}
	}
	return out
}

// packageFolders gives where build tools are told to find packages: setuptools, Poetry, uv, PDM, Hatch and maturin, each by its own name for it.
func packageFolders(tool map[string]any) []string {
	out := slices.Concat(
		texts(tool, "setuptools", "packages", "find", "where"), texts(tool, "setuptools", "package-dir", ""),
		texts(tool, "uv", "build-backend", "module-root"), texts(tool, "pdm", "build", "package-dir"), texts(tool, "maturin", "python-source"),
	)
	for _, p := range all[map[string]any](valueAt(tool, "poetry", "packages")) {
		out = append(out, texts(p, "from")...)
	}
	for _, p := range texts(tool, "hatch", "build", "targets", "wheel", "packages") {
		out = append(out, path.Dir(p))
	}
	return out
}

// dependencyPaths gives the paths of dependencies that are installed from a folder.
func dependencyPaths(tool map[string]any) []string {
	var out []string
	take := func(list any) {
		dependencies, _ := list.(map[string]any)
		for _, d := range dependencies {
			for _, source := range all[map[string]any](d) {
				out = append(out, texts(source, "path")...)
			}
		}
	}
	take(valueAt(tool, "uv", "sources"))
	take(valueAt(tool, "poetry", "dependencies"))
	take(valueAt(tool, "poetry", "dev-dependencies"))
	groups, _ := valueAt(tool, "poetry", "group").(map[string]any)
	for name := range groups {
		take(valueAt(groups, name, "dependencies"))
	}
	return out
}

// all gives a value of a type, or those of a list.
func all[T any](v any) (out []T) {
	switch x := v.(type) {
	case []T: // as [[tool.poetry.packages]]
		return x
	case []any:
		for _, e := range x {
			if one, ok := e.(T); ok {
				out = append(out, one)
			}
		}
	case T:
		return []T{x}
	}
	return out
}

// valueAt gives what stands below some keys, nil for nothing.
func valueAt(table map[string]any, keys ...string) any {
	for _, key := range keys[:len(keys)-1] {
		table, _ = table[key].(map[string]any)
	}
	return table[keys[len(keys)-1]]
}

// texts gives a text or a list of texts that stands below some keys.
func texts(table map[string]any, keys ...string) []string {
	return all[string](valueAt(table, keys...))
}

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
