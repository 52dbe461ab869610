// Package schema computes a flow's parameter schema from its source, as Prefect computes it by importing the flow
// (Prefect: utilities/callables; pydantic 2.14: json_schema).
//
// Start with [Flows], the one stage in which schemas are computed, and [Reader.Of], which computes one. A schema is exact, or it says that it isn't: a parameter whose type or default can't be known
// from the source gets no type, which is also what Prefect falls back to, and is listed with the reason. An untyped parameter accepts
// every value; a wrongly typed one would make valid runs fail.
//
// # How it reads
//
// An annotation goes through two steps, as it does in Prefect. First what Python makes of it (evaluate.go): names are followed through the
// repository's own modules (reader.go), aliases and quotes are opened, unions joined; the result is a form. Then what pydantic makes of
// a form (describe.go, union.go, container.go, constraint.go; of classes record.go and fields.go, enum.go, generic.go, and block.go for
// Prefect's own). Errors say how it ended: unknown, when the source does not tell; refused, when
// pydantic has no schema either and Prefect takes any value; unbound, for a name that is there for type checkers only.
//
// Defaults are values (value.go, named.go, construct.go, instance.go): literals, constants, members of enums, and calls of what is plain.
// Descriptions come from the docstring (docstring.go).
//
// What comes out is package parameter's, for those who have no business with the source.
package schema

import (
	"path"

	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/python"
)

// object is JSON Schema's name for a mapping.
const object = "object"

// What is computed is package parameter's.
type (
	// Schema is the schema of a flow's parameters.
	Schema = parameter.Schema
	// Property is the schema of one.
	Property = parameter.Property
	// Untyped is a parameter without a type, and why.
	Untyped = parameter.Untyped
)

// Reader computes schemas of one repository's flows. It remembers the classes that it has read. It must not be used by two goroutines at once.
type Reader struct {
	library *python.Library
	classes map[classKey]*class
}

type classKey struct{ file, name string }

// NewReader gives a reader of a repository.
func NewReader(l *python.Library) *Reader { return &Reader{library: l, classes: map[classKey]*class{}} }

// Of computes the schema of a function of a file, and lists what stays untyped. script is the folder of the file that is run, where imports
// look first; empty, it is that of the file.
func (r *Reader) Of(file, script string, fn *python.Function) (Schema, []Untyped) {
	if script == "" {
		script = path.Dir(file)
	}
	s := signature{reader: r, fn: fn, forms: map[int]evaluated{}, at: python.Place{File: file, Script: script, Offset: fn.Start}}
	if fn.Scope == python.ClassScope {
		s.at.Owner, _ = cutLast(fn.QualifiedName)
	}
	return s.schema()
}
