// Package dependency reads what a project declares to need of others, from the files that are for that: requirements files, pyproject.toml (PEP 621, Poetry,
// PDM, dependency groups, sources of uv), setup.cfg, Pipfile, lock files, conda's environment.yml, and the headers of scripts (PEP 723).
//
// Start with [Read]. A [File] has an [Entry] for each package, with the line where it stands, and a [Python] for each condition on Python. What can't be
// known from the file, because a program decides it or a folder of one's own is installed, is told by [File.Vague] and [Entry.Own], so that nobody
// concludes anything from a name that is missing.
package dependency

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/flowmage/flowmage/tasks/requirement"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Entry is one package that a file names.
type Entry struct {
	requirement.Requirement        // Text is as written, without options
	Known                   string // the name in its one spelling; "" where there is none in sight, as for a path or an address
	File                    string // relative to the root; of an included file that one
	Line                    int    // from 1; 0 where it can't be told
	Group                   string // the extra or group that it belongs to, "" for what is always installed
	Limit                   bool   // of a constraints file: a version for whoever wants the package
	Own                     bool   // it comes from a path or an address: what it holds is not known
}

// Where gives file and line.
func (e Entry) Where() string {
	if e.Line == 0 {
		return e.File
	}
	return place(e.File, e.Line)
}

// Python is a condition on the version of Python.
type Python struct {
	File string
	Line int
	Text string
	Set  requirement.Set
}

// Problem is what can't be understood in a file.
type Problem struct {
	File    string
	Line    int
	Message string
}

// File is a file that says what to install, with everything that it includes.
type File struct {
	Path     string
	Project  string   // the name of the project that it is about, in its one spelling; "" if none
	Entries  []Entry  // in order
	Pythons  []Python // that it asks for
	Parts    []string // the files that were read
	Content  []byte   // all that decides what is installed
	Lock     bool     // a resolver has written it: it names everything
	Vague    bool     // it may want more than it names
	Problems []Problem
}

// Is tells whether a file is one that [Read] takes, by its path.
func Is(name string) bool {
	base := path.Base(name)
	switch base {
	case "pyproject.toml", "setup.cfg", "setup.py", "Pipfile", "Pipfile.lock", "uv.lock", "poetry.lock", "pdm.lock", "pylock.toml", "environment.yml", "environment.yaml":
		return true
	}
	ext := path.Ext(base)
	return (ext == ".txt" || ext == ".in") && (strings.Contains(base, "requirements") || path.Base(path.Dir(name)) == "requirements")
}

// Read reads a file of the tree, by its path from the root. The error is that of opening it, or one that it includes.
func Read(root fs.FS, name string) (File, error) {
	r := reader{root: root, seen: map[string]bool{}}
	r.out.Path = name
	err := r.file(name, false)
	return r.out, err
}

// reader puts a [File] together.
type reader struct {
	root fs.FS
	out  File
	seen map[string]bool
}

// file reads one file. limits tells that it holds constraints only.
func (r *reader) file(name string, limits bool) error {
	name = path.Clean(name)
	if r.seen[name] {
		return nil
	}
	r.seen[name] = true
	text, err := tree.Read(r.root, name, tree.Text)
	if err != nil {
		return &MissingError{File: name, Err: err}
	}
	r.out.Parts = append(r.out.Parts, name)
	switch base := path.Base(name); {
	case base == "pyproject.toml":
		r.project(name, text)
	case base == "setup.cfg":
		r.setup(name, string(text))
	case base == "setup.py":
		r.out.Vague = true
	case base == "Pipfile":
		r.pipfile(name, text)
	case base == "Pipfile.lock":
		r.out.Lock = true
		r.pipfileLock(name, text)
	case base == "environment.yml", base == "environment.yaml":
		return r.conda(name, text)
	case base == "uv.lock", base == "poetry.lock", base == "pdm.lock", base == "pylock.toml":
		r.out.Lock = true
		r.locked(name, string(text))
	case path.Ext(base) == ".py":
		r.script(name, string(text))
	default:
		return r.requirements(name, string(text), limits)
	}
	return nil
}

// MissingError tells that a file can't be read which is one to be read, or which one includes.
type MissingError struct {
	File string
	Err  error
}

// Error gives the reason.
func (e *MissingError) Error() string { return e.File + ": " + e.Err.Error() }

// Unwrap gives the reason.
func (e *MissingError) Unwrap() error { return e.Err }

// add takes in what a text asks for.
func (r *reader) add(file string, line int, text, group string) {
	x, err := requirement.Parse(text)
	if err != nil {
		r.out.Problems = append(r.out.Problems, Problem{file, line, err.Error()})
		r.out.Vague = true
		return
	}
	r.entry(Entry{Requirement: x, Known: requirement.Normal(x.Name), File: file, Line: line, Group: group, Own: x.URL != ""})
}

func (r *reader) entry(e Entry) { r.out.Entries = append(r.out.Entries, e) }

// python takes in a condition on Python.
func (r *reader) python(file string, line int, text string, set requirement.Set, ok bool) {
	if !ok {
		return // of a form that nobody here knows
	}
	r.out.Pythons = append(r.out.Pythons, Python{file, line, text, set})
}

// lineOf finds a text's line, counted from 1, at or behind an offset; 0 without.
func lineOf(data []byte, from int, text string) int {
	at := bytes.Index(data[from:], []byte(text))
	if at < 0 {
		return 0
	}
	return bytes.Count(data[:from+at], []byte("\n")) + 1
}

// Script reads the header of a script (PEP 723), if it has one.
func Script(name, text string) (File, bool) {
	r := reader{seen: map[string]bool{}}
	r.out.Path = name
	if !strings.Contains(text, "\n# /// script") && !strings.HasPrefix(text, "# /// script") {
		return r.out, false
	}
	r.script(name, text)
	return r.out, len(r.out.Entries)+len(r.out.Pythons) > 0
}
