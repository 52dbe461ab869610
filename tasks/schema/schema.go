// Package schema computes a flow's parameter schema from its source, as Prefect computes it by importing the flow
// (Prefect: utilities/callables; pydantic 2.14: json_schema).
//
// Start with [NewReader] and [Reader.Of]. A schema is exact, or it says that it isn't: a parameter whose type or default can't be known
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
// Where somebody has asked Prefect itself, [Believe] has its answers given instead (second.go).
package schema

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// object is JSON Schema's name for a mapping.
const object = "object"

// Untyped is a parameter without a type, and why. Its line is that of the parameter.
type Untyped struct {
	Parameter string `json:"parameter"`
	Reason    string `json:"reason"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line"`
}

// Schema is a JSON Schema object as Prefect stores it under parameter_openapi_schema.
type Schema struct {
	Title       string              `json:"title"`
	Type        string              `json:"type"`
	Properties  map[string]Property `json:"properties"`
	Required    []string            `json:"required,omitempty"`
	Definitions map[string]Property `json:"definitions,omitempty"`
}

// Property is one parameter's schema: title, position, and as far as known type and default.
type Property map[string]any

// Of computes the schema of a function of a file, and lists what stays untyped. script is the folder of the file that is run, where imports
// look first; it is that of the file unless the function is a flow elsewhere. Who asks again gets the same schema, so nobody may change it.
func (r *Reader) Of(file, script string, fn *python.Function) (Schema, []Untyped) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.of(definitionOf(file, script, fn), fn)
}

// Text gives the schema of a function, as [Reader.Of] does, as text.
func (r *Reader) Text(file, script string, fn *python.Function) (Text, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	key := definitionOf(file, script, fn)
	_, believed := r.believed[key.functionKey]
	if known, ok := r.texts[key]; ok && !believed {
		return known, nil
	}
	s, _ := r.of(key, fn)
	text, err := s.Text()
	if err == nil && !believed {
		r.texts[key] = text
	}
	return text, err
}

func (r *Reader) of(key definitionKey, fn *python.Function) (Schema, []Untyped) {
	if told, ok := r.believed[key.functionKey]; ok {
		return told, nil
	}
	if known, ok := r.answers[key]; ok {
		return known.schema, known.untyped
	}
	if len(r.answers) == remembered {
		r.shelve()
	}
	schema, untyped := r.compute(key.file, key.script, fn)
	r.answers[key] = answer{schema, untyped}
	return schema, untyped
}

// shelve forgets the answers, but for their texts, which are what is asked for next.
func (r *Reader) shelve() {
	for key, a := range r.answers {
		if _, there := r.texts[key]; there {
			continue
		}
		if text, err := a.schema.Text(); err == nil { // whoever asks for it otherwise gets the error
			r.texts[key] = text
		}
	}
	clear(r.answers)
}

func (r *Reader) compute(file, script string, fn *python.Function) (Schema, []Untyped) {
	s := signature{reader: r, fn: fn, forms: map[int]evaluated{}, at: python.Place{File: file, Script: script, Offset: fn.Start}}
	if before, _, ok := cutLast(fn.QualifiedName); ok && fn.Scope == python.ClassScope {
		s.at.Owner = before
	}
	return s.schema()
}

// Names gives the parameters' names in the order of the signature.
func (s Schema) Names() []string {
	out := make([]string, 0, len(s.Properties))
	for name := range s.Properties {
		out = append(out, name)
	}
	place := func(name string) int {
		n, _ := s.Properties[name]["position"].(int)
		return n
	}
	slices.SortFunc(out, func(a, b string) int {
		if d := place(a) - place(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	return out
}

// Text is a schema in JSON, as the API stores it. It takes a tenth of a [Schema]'s room.
type Text string

// MarshalJSON gives the text itself.
func (t Text) MarshalJSON() ([]byte, error) { return []byte(t), nil }

// Text gives the schema as text.
func (s Schema) Text() (Text, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("parameter schema: %w", err)
	}
	return Text(data), nil
}
