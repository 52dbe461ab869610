// Package flow finds Prefect flows in a tree of Python files, without importing them and without Python.
//
// Start with [Scan]. It walks through the repository (walk.go, ignore.go) and reads every Python file through package python (reading.go), for its
// declarations where flows may be in it (prefilter.go). recognize.go and
// made.go decide what Prefect would load as a flow, decorator.go what a name in front of a def means, house.go which of the repository's own decorators
// and factories may make flows (traced.go has package trace follow them), options.go what the decorator's keywords say, definition.go what the def behind it says, closure.go which files are part of a flow. What can't be known from the source is a
// finding, never a guess; what looks like a flow and is none is told with the reason.
//
// A [Flow] is plain data. The trees that it was read from stay behind in [Result.Library], for the stage that computes parameter schemas; who
// drops that frees them.
package flow

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/parameter"
)

// Flow is one flow of the repository. Paths are relative to the repository's root, with forward slashes. It keeps nothing of the files' texts.
type Flow struct {
	// Name is Prefect's name: name= or the function's name with dashes. Where it can't be known without running the code, NameExpr says from
	// what it is made ("team_name() at flows/a.py:7"), a finding tells so, and Name is what the flow would be called by default.
	Name     string
	NameExpr string

	Function    string // what the entrypoint names: a def, a variable, or Class.method
	File        string // the file that defines it
	Line        int    // of the def or the assignment
	Entrypoint  string // file:function as Prefect spells it
	Async       bool
	Description string
	Options     []Option // the decorator's other keywords, by name
	// Loadable tells whether Prefect could load it; Reason says why not.
	Loadable bool
	Reason   string

	// Version is a hash of the flow's file and of every file of the repository that it imports, so that it changes exactly
	// when the flow's code does.
	Version string
	// Files are the flow's file and what it imports inside the repository, sorted. A finding in any of them concerns the flow.
	Files []string

	// Definition is the def behind it; nil where there is none in sight, as in `flow(print)`.
	Definition *Definition
	// Schema is that of its parameters, and Untyped those that have no type in it. A scan leaves them empty: they are computed by schema.Flows,
	// for who wants them.
	Schema  parameter.Text
	Untyped []parameter.Untyped
}

// Option is a keyword of a flow's decorator: its value where that is known, else what is written there.
type Option struct {
	Name  string
	Value any
	Known bool
	Text  string
}

// Folder is the last folder of the flow's file: rpa1 for flows/rpa1/workflow.py. It is "." at the root.
func (f Flow) Folder() string { return path.Base(f.Dir()) }

// Dir is the path of the folder that holds the flow's file, "." for the root.
func (f Flow) Dir() string { return path.Dir(f.File) }

// Names are the words that select the flow, in order of precedence: name, folder, function, the folder's path.
func (f Flow) Names() []string {
	return slices.Compact([]string{f.Name, f.Folder(), f.Function, f.Dir()})
}

// Slug is a name for use in deployment names: small letters, digits and single dashes.
func (f Flow) Slug() string {
	var b strings.Builder
	dash := false
	for _, r := range strings.ToLower(f.Name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			if dash && b.Len() > 0 {
				b.WriteByte('-')
			}
			dash = false
			b.WriteRune(r)
			continue
		}
		dash = true
	}
	if b.Len() == 0 {
		return "flow"
	}
	return b.String()
}

// DefaultName is the name that Prefect gives a flow without name=: the function's name with underscores as dashes
// (Prefect: flows.py).
func DefaultName(function string) string { return strings.ReplaceAll(function, "_", "-") }

func byPlace(a, b Flow) int {
	return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
}
