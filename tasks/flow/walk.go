package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/tree"
)

// foundFile is a Python file of the tree. wanted tells that it lies where flows are looked for; other files are only checked.
type foundFile struct {
	name   string
	wanted bool
}

// walk goes through a tree and gives its Python files to emit, as they come. Left out are what the ignore files say, what Options.Exclude
// says, hidden folders, caches, installed packages and virtual environments. Links to folders are not followed, so that no circle of links
// can hold it up; links to files are.
type walk struct {
	ctx      context.Context //nolint:containedctx // one walk is one call
	root     fs.FS
	ignores  fs.FS // nil: the root's own ignore files count
	exclude  []string
	wanted   []string                                   // paths and globs of the options
	met      []bool                                     // which of them exist
	listed   func(folder string, entries []fs.DirEntry) // what else wants to know what is in a folder
	emit     func(foundFile)
	problems finding.List
	absent   finding.List // paths of the options that lead to nothing
	settings []string     // files with settings beside flows
	left     []LeftOut
}

// LeftOut is a Python file, or a folder (with a slash behind it), that was not looked at, though it lies where flows are looked for. By is
// what left it out: the line of an ignore file (.gitignore:3), the pattern of Options.Exclude, or a word on why it is no Python.
type LeftOut struct {
	Path string `json:"path"`
	By   string `json:"by"`
}

// inside tells whether a path is a folder or lies below it.
func inside(name, folder string) bool {
	return folder == "." || name == folder || strings.HasPrefix(name, folder+"/")
}

// run goes through the tree, and then to what is wanted and was left out on the way: inside a hidden folder, say.
func (w *walk) run() error {
	if len(w.wanted) == 0 {
		w.wanted, w.met = []string{"."}, []bool{true}
	}
	if err := w.folder(".", nil); err != nil {
		return fmt.Errorf("reading the repository: %w", err)
	}
	for i, p := range w.wanted {
		if w.met[i] || p == "." || isGlob(p) {
			continue
		}
		info, err := fs.Stat(w.root, p)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			continue // told later
		case err == nil && !info.IsDir():
			w.file(p, fs.FileInfoToDirEntry(info))
			continue
		case err == nil:
			err = w.folder(p, nil)
		}
		if err != nil {
			w.problem(finding.Everything(), p, err)
		}
	}
	for i, p := range w.wanted {
		w.missing(i, p)
	}
	return nil
}

func ignoreFiles(folder string) []string {
	if folder == "." {
		return []string{gitRules, prefectRules}
	}
	return []string{gitRules}
}

// folder goes through one folder. The error is that of opening it.
func (w *walk) folder(name string, r rules) error {
	if w.ctx.Err() != nil {
		return nil //nolint:nilerr // told by who began the walk
	}
	entries, err := fs.ReadDir(w.root, name)
	if err != nil {
		return err
	}
	w.listed(name, entries)
	ruled := false
	for _, e := range entries {
		switch e.Name() {
		case "pyvenv.cfg": // a virtual environment
			if name != "." {
				return nil
			}
		case gitRules, prefectRules:
			ruled = true
		}
	}
	switch {
	case w.ignores != nil:
		w.overruled(name)
		r = r.with(w.ignores, name, ignoreFiles(name))
	case ruled:
		r = r.with(w.root, name, ignoreFiles(name))
	}
	for _, e := range entries {
		w.entry(path.Join(name, e.Name()), e, r)
	}
	return nil
}

// entry goes on with what a folder has.
func (w *walk) entry(name string, e fs.DirEntry, r rules) {
	switch {
	case e.IsDir():
		w.meet(name)
		if skipped(e.Name()) && !w.asked(name) || w.leave(name, leavesOut(r, name, true), true) {
			return
		}
		if err := w.folder(name, r); err != nil {
			w.problem(finding.Everything(), name, err)
		}
	case strings.HasSuffix(name, ".py"):
		w.meet(name)
		if !w.leave(name, leavesOut(r, name, false), false) {
			w.file(name, e)
		}
	case strings.HasSuffix(name, ".ipynb"):
		if w.wants(name) && !w.leave(name, r.leaveOut(name, false), false) {
			w.left = append(w.left, LeftOut{name, isNotebook})
		}
	case (e.Name() == "flow.yaml" || e.Name() == "flow.yml") && w.wants(name) && excluded(name, w.exclude) == "":
		w.settings = append(w.settings, name)
	}
}

// leavesOut gives what leaves something out: an ignore file, or that it belongs to a template.
func leavesOut(r rules, name string, folder bool) string {
	if by := r.leaveOut(name, folder); by != "" {
		return by
	}
	if template(path.Base(name), folder) {
		return inTemplate
	}
	return ""
}

// leave tells whether something is left out: by exclude, or by the rule of an ignore file, unless somebody asked for it.
func (w *walk) leave(name, rule string, folder bool) bool {
	asked := slices.Contains(w.wanted, name) || folder && w.asked(name)
	by := excluded(name, w.exclude)
	if by == "" && !asked {
		by = rule
	}
	if by == "" {
		return false
	}
	if w.wants(name) || folder && w.mayWant(name) {
		if folder {
			name += "/"
		}
		w.left = append(w.left, LeftOut{name, by})
	}
	return true
}

// mayWant tells whether a glob may mean something below a folder.
func (w *walk) mayWant(folder string) bool {
	parts := strings.Split(folder, "/")
	return slices.ContainsFunc(w.wanted, func(p string) bool {
		glob := strings.Split(p, "/")
		for i, part := range parts {
			switch {
			case i >= len(glob):
				return false
			case glob[i] == "**":
				return true
			case !matches(glob[i], part):
				return false
			}
		}
		return isGlob(p)
	})
}

// asked tells whether somebody wants exactly this folder, or something below it: then its being ignored does not count.
func (w *walk) asked(folder string) bool {
	return slices.ContainsFunc(w.wanted, func(p string) bool { return inside(p, folder) })
}

func (w *walk) meet(name string) {
	for i, p := range w.wanted {
		if !w.met[i] && (p == name || isGlob(p) && matches(p, name)) {
			w.met[i] = true
		}
	}
}

func isGlob(p string) bool { return strings.ContainsAny(p, "*?[{") }

func matches(glob, name string) bool {
	ok, err := doublestar.Match(glob, name)
	return ok && err == nil
}

// file gives one file on, if it is one.
func (w *walk) file(name string, e fs.DirEntry) {
	w.meet(name)
	if t := e.Type(); !t.IsRegular() {
		info, err := fs.Stat(w.root, name)
		if err == nil && info.IsDir() {
			return
		}
		if err == nil {
			err = tree.Regular(info.Mode())
		}
		if err != nil {
			w.problem(finding.OfFile(name), name, err)
			return
		}
	}
	w.emit(foundFile{name, w.wants(name)})
}

// wants tells whether flows are looked for in a file.
func (w *walk) wants(name string) bool {
	return slices.ContainsFunc(w.wanted, func(p string) bool {
		return inside(name, p) || isGlob(p) && (matches(p, name) || matches(p+"/**", name))
	})
}

// problem tells of what can't be read. A folder may hold anybody's flows.
func (w *walk) problem(scope finding.Scope, name string, err error) {
	f := unreadable(name, err)
	f.Scope = scope
	if !w.wants(name) && !w.asked(name) {
		f.Severity = finding.Warning
	}
	w.problems = append(w.problems, f)
}

// missing reports a path of the options that leads to nothing.
func (w *walk) missing(i int, p string) {
	if w.met[i] || p == "." {
		return
	}
	if _, err := fs.Stat(w.root, p); err == nil || !isGlob(p) && !errors.Is(err, fs.ErrNotExist) { // else it is told why it can't be read
		return
	}
	w.absent = append(w.absent, catalogue.New("path-missing", finding.Surroundings(), finding.Finding{
		Position: finding.Position{File: p, Key: "paths"},
		Message:  fmt.Sprintf("there is nothing at %q to look for flows in", p),
		Fix:      "create it, or name the right folders under `paths` in envs/base.yaml",
	}))
}

// skipped tells of a folder by its name that it holds no team's own code.
func skipped(name string) bool {
	switch name {
	case "__pycache__", "node_modules", "site-packages", "__pypackages__":
		return true
	}
	return strings.HasPrefix(name, ".")
}

// excluded gives the pattern that leaves out a path, or "".
func excluded(name string, patterns []string) string {
	for _, pattern := range patterns {
		if matches(pattern, name) {
			return "exclude: " + pattern
		}
		for part := range strings.SplitSeq(name, "/") {
			if matches(pattern, part) {
				return "exclude: " + pattern
			}
		}
	}
	return ""
}
