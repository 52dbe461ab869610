package python

import (
	"io/fs"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/flowmage/flowmage/tasks/tree"
)

// Library finds and reads the modules of one tree, each at most once, and follows names from module to module. File names are relative to
// the tree's root, with forward slashes. It may be used by several goroutines.
//
// A module is looked up as Prefect's loader does: in the folder of the script that is run first, then from the root, then among the packages of
// the tree that are installed (projects.go). What is in none of them is outside.
type Library struct {
	root      fs.FS
	mutex     sync.Mutex
	modules   map[string]*read
	listed    map[string][]fs.DirEntry   // folders that somebody has listed already
	folders   map[string]map[string]bool // names in a folder: true for a folder
	around    map[string]*installs       // of a folder: see projects
	lookups   map[lookup][]string        // what Files has found: see remembered
	installed []string                   // packages from outside
	anywhere  map[string]bool            // names of modules anywhere, once asked for
}

type read struct {
	module *Module
	err    error
}

// NewLibrary gives the library of a tree.
func NewLibrary(root fs.FS) *Library {
	return &Library{
		root: root, modules: map[string]*read{}, listed: map[string][]fs.DirEntry{}, folders: map[string]map[string]bool{}, around: map[string]*installs{}, lookups: map[lookup][]string{},
	}
}

// Add tells the library what somebody has read already.
func (l *Library) Add(file string, m *Module, err error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.modules[file] = &read{m, err}
}

// Listed tells the library what is in a folder that somebody has listed already.
func (l *Library) Listed(folder string, entries []fs.DirEntry) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.listed[folder] = entries
}

// Module reads a file of the tree. The error is that of opening it, or a *SyntaxError.
func (l *Library) Module(file string) (*Module, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if r, ok := l.modules[file]; ok {
		return r.module, r.err
	}
	var r read
	text, err := tree.Read(l.root, file, tree.Source)
	if r.err = err; err == nil {
		r.module, r.err = Parse(text)
	}
	l.modules[file] = &r
	return r.module, r.err
}

// kindOf tells whether a path is there, and whether it is a folder.
func (l *Library) kindOf(name string) (folder, exists bool) {
	if name == "." {
		return true, true
	}
	dir, base := path.Split(name)
	folder, exists = l.inside(path.Clean(dir))[base]
	return folder, exists
}

// inside gives what is in a folder: true for a folder. Nobody may change it.
func (l *Library) inside(dir string) map[string]bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	names, ok := l.folders[dir]
	if !ok {
		names = l.names(dir)
		l.folders[dir] = names
	}
	return names
}

// names gives what is in a folder, as far as it can be read.
func (l *Library) names(dir string) map[string]bool {
	entries, ok := l.listed[dir]
	if !ok {
		entries, _ = fs.ReadDir(l.root, dir)
	}
	out := make(map[string]bool, len(entries))
	for _, e := range entries {
		out[e.Name()] = e.IsDir() || e.Type()&fs.ModeSymlink != 0 && l.linked(path.Join(dir, e.Name()))
	}
	return out
}

func (l *Library) linked(name string) bool {
	info, err := fs.Stat(l.root, name)
	return err == nil && info.IsDir()
}

func (l *Library) isFolder(name string) bool {
	folder, _ := l.kindOf(name)
	return folder
}

func (l *Library) isFile(name string) bool {
	folder, exists := l.kindOf(name)
	return exists && !folder
}

// Files gives the files of the tree that an import in a file loads: the packages on the way, the module, and a submodule where a name is
// imported from a package. script is the folder of the script that is run.
func (l *Library) Files(file, script string, i Import) []string {
	if i.Level > 0 || script == "." || l.begins(script, headOf(i.Module)) {
		return l.files(file, script, i)
	}
	// What does not begin beside the script is the same for all scripts.
	k := lookup{path.Dir(file), i.Module, i.Name}
	l.mutex.Lock()
	known, ok := l.lookups[k]
	l.mutex.Unlock()
	if !ok {
		known = l.files(file, ".", i)
		l.mutex.Lock()
		l.lookups[k] = known
		l.mutex.Unlock()
	}
	return known
}

// lookup is an import in the files of a folder.
type lookup struct{ folder, module, name string }

// begins tells whether a folder may hold a module whose name begins so.
func (l *Library) begins(folder, head string) bool {
	names := l.inside(folder)
	_, module := names[head+".py"]
	_, wide := names[head]
	return module || wide
}

func (l *Library) files(file, script string, i Import) []string {
	for _, base := range l.bases(file, script, i.Level, i.Module) {
		if found, at := l.along(base, i.Module); at != "" {
			if i.Name == "" || i.Name == "*" {
				return found
			}
			if sub := l.module(path.Join(at, i.Name)); sub != "" {
				found = append(found, sub)
			}
			return found
		}
	}
	return nil
}

// Reaches tells whether an import of a module in a file comes to something in the tree, be it a folder alone. script is the folder of the script that is run.
func (l *Library) Reaches(file, script, module string) bool {
	return slices.ContainsFunc(l.bases(file, script, 0, module), func(base string) bool {
		_, at := l.along(base, module)
		return at != ""
	})
}

// bases gives the folders in which an import of a module starts to look.
func (l *Library) bases(file, script string, level int, module string) []string {
	if level == 0 {
		if slices.Contains(l.installed, headOf(module)) { // loaded already, so that nothing of the tree hides it
			return nil
		}
		out := []string{script}
		if script != "." {
			out = append(out, ".")
		}
		return append(out, l.packages(file, headOf(module))...)
	}
	base := path.Dir(file)
	for range level - 1 {
		base = path.Dir(base)
	}
	return []string{base}
}

// along goes down the parts of a module's name. at is where it ends, without .py; empty when it is not in the tree.
func (l *Library) along(base, module string) (files []string, at string) {
	at = base
	if f := path.Join(base, "__init__.py"); module == "" && l.isFile(f) {
		files = append(files, f)
	}
	for module != "" {
		var part string
		part, module, _ = strings.Cut(module, ".")
		at = path.Join(at, part)
		folder, _ := l.kindOf(at)
		initial := path.Join(at, "__init__.py")
		switch {
		case folder && l.isFile(initial):
			files = append(files, initial)
		case l.isFile(at + ".py"):
			if module == "" {
				return append(files, at+".py"), at
			}
			return nil, ""
		case !folder:
			return nil, ""
		}
	}
	return files, at
}

// module gives the file of a module at a path without .py, or "".
func (l *Library) module(at string) string {
	if f := path.Join(at, "__init__.py"); l.isFile(f) {
		return f
	}
	if l.isFile(at + ".py") {
		return at + ".py"
	}
	return ""
}

// Has tells whether the tree has a module of a name anywhere, as far as folders were listed: a file NAME.py, or a folder NAME with Python files in or
// below it.
func (l *Library) Has(name string) bool {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	if l.anywhere == nil {
		l.anywhere = map[string]bool{}
		for folder, entries := range l.listed {
			l.name(folder, entries)
		}
	}
	return l.anywhere[name]
}

// name takes in the names of the modules in a folder.
func (l *Library) name(folder string, entries []fs.DirEntry) {
	python := false
	for _, e := range entries {
		if module, is := strings.CutSuffix(e.Name(), ".py"); is && !e.IsDir() {
			l.anywhere[module], python = true, true
		}
	}
	for ; python && folder != "."; folder = path.Dir(folder) {
		l.anywhere[path.Base(folder)] = true
	}
}

// Find gives the files, in folders that were listed, whose paths somebody wants, in order.
func (l *Library) Find(wanted func(name string) bool) []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var out []string
	for folder, entries := range l.listed {
		for _, e := range entries {
			if name := path.Join(folder, e.Name()); !e.IsDir() && wanted(name) {
				out = append(out, name)
			}
		}
	}
	slices.Sort(out)
	return out
}
