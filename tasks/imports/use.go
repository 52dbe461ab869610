package imports

import (
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/distribution"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/python"
)

// use is a module from outside that a file imports.
type use struct {
	file   string
	line   int
	module string // its full name, with what is imported from it where that may be a module too
	top    string
	maybe  bool // the import may never run
	spared bool // the module may be missing
	script string
	at     python.Import
}

// usesOf gives what the files of a flow import from outside of the repository and of Python.
func (j *judge) usesOf(f *flow.Flow) []use {
	var out []use
	for _, file := range f.Files {
		for _, u := range j.usesIn(file) {
			u.script = f.Dir()
			u.maybe = u.maybe || u.at.Scope == python.FunctionScope && file != f.File
			if !j.own(u) {
				out = append(out, u)
			}
		}
	}
	return out
}

// usesIn gives what a file imports from outside of Python, each module once: where it must be there, if anywhere.
func (j *judge) usesIn(file string) []use {
	if known, ok := j.uses[file]; ok {
		return known
	}
	var out []use
	m, err := j.Library.Module(file)
	if err == nil {
		for _, i := range m.Imports {
			top, _, _ := strings.Cut(i.Module, ".")
			if i.Level > 0 || i.Guard == python.WhenChecking || i.Guard == python.WhenMain || distribution.Standard("", top) {
				continue
			}
			u := use{file: file, module: full(i), top: top, maybe: i.Guard != python.Always, spared: i.Spared, at: i}
			if at := slices.IndexFunc(out, func(o use) bool { return o.module == u.module }); at < 0 {
				out = append(out, u)
			} else if rank(u) < rank(out[at]) {
				out[at] = u
			}
		}
		for i := range out {
			out[i].line = m.Line(out[i].at.Start)
		}
	}
	j.uses[file] = out
	return out
}

func rank(u use) int {
	switch {
	case u.spared:
		return 2
	case u.maybe:
		return 1
	default:
		return 0
	}
}

// full gives the module of an import; of a space of names the part that is imported from it too, as in `from google.cloud import storage`.
func full(i python.Import) string {
	if i.Name == "" || i.Name == "*" || strings.Count(i.Module, ".") > 1 {
		return i.Module
	}
	return i.Module + "." + i.Name
}

// own tells whether a module is the repository's: by the way that imports go, or by a name that it has anywhere. How the second is found is for others to judge.
func (j *judge) own(u use) bool {
	return j.Library.Has(u.top) || len(j.Library.Files(u.file, u.script, python.Import{Module: u.top})) > 0
}

// above gives the folders from one up to the root.
func above(dir string) []string {
	out := []string{dir}
	for dir != "." {
		dir = path.Dir(dir)
		out = append(out, dir)
	}
	return out
}
