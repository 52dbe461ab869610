// Package schema computes a flow's parameter schema from its source, as Prefect computes it by importing the flow
// (Prefect: utilities/callables, rules in prefect's parameter_schema).
//
// Start with [Of]. A schema is exact, or it says that it isn't: a parameter whose type or default can't be known from the
// source gets no type, which is also what Prefect falls back to, and is listed with the reason. An untyped parameter accepts
// every value; a wrongly typed one would make valid runs fail.
//
// Descriptions come from the `Args:` section of a Google-style docstring.
//
// Types that are read: str, int, float, bool, None, Any, list, dict, Optional and unions of these, and the subscripted forms
// of the containers. Defaults that are read: literals.
package schema

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/flowmage/flowmage/tasks/python"
)

// object is JSON Schema's name for a mapping.
const object = "object"

// Untyped is a parameter without a type, and why.
type Untyped struct {
	Parameter string `json:"parameter"`
	Reason    string `json:"reason"`
	Line      int    `json:"line"`
}

// Schema is a JSON Schema object as Prefect stores it under parameter_openapi_schema.
type Schema struct {
	Title      string              `json:"title"`
	Type       string              `json:"type"`
	Properties map[string]Property `json:"properties"`
	Required   []string            `json:"required,omitempty"`
}

// Property is one parameter's schema: title, position, and as far as known type and default.
type Property map[string]any

// Of computes the schema of a function in its module, and lists what stays untyped.
func Of(m *python.Module, fn python.Function) (Schema, []Untyped) {
	s := Schema{Title: "Parameters", Type: object, Properties: map[string]Property{}}
	var untyped []Untyped
	r := resolver{module: m}
	told := map[string]string{}
	if fn.HasDoc {
		told = descriptions(fn.Doc)
	}
	for i, p := range fn.Parameters {
		if i == 0 && bound(fn, p) {
			continue // self and cls take a position but are no parameters of the flow
		}
		property, required, reason := r.property(p)
		property["title"], property["position"] = p.Name, i
		if text, ok := told[p.Name]; ok {
			property["description"] = text
		}
		s.Properties[p.Name] = property
		if required {
			s.Required = append(s.Required, p.Name)
		}
		if reason != "" {
			untyped = append(untyped, Untyped{Parameter: p.Name, Reason: reason, Line: p.Line})
		}
	}
	return s, untyped
}

// Names gives the parameters' names in the order of the signature.
func (s Schema) Names() []string {
	out := make([]string, len(s.Properties))
	offset := len(s.Properties)
	for _, p := range s.Properties {
		if position, ok := p["position"].(int); ok {
			offset = min(offset, position)
		}
	}
	for name, p := range s.Properties {
		if position, ok := p["position"].(int); ok {
			out[position-offset] = name
		}
	}
	return out
}

// Map gives the schema as the plain JSON value that the API stores.
func (s Schema) Map() (map[string]any, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return nil, fmt.Errorf("parameter schema: %w", err)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber() // a default may be an integer that no float64 holds
	var out map[string]any
	if err := dec.Decode(&out); err != nil {
		return nil, fmt.Errorf("parameter schema: %w", err)
	}
	return out, nil
}

func bound(fn python.Function, first python.Parameter) bool {
	if fn.Scope != python.ClassScope {
		return false
	}
	return first.Name == "self" || first.Name == "cls"
}

// property gives one parameter's schema without title and position, whether it is required, and why it is untyped, if it is.
func (r resolver) property(p python.Parameter) (Property, bool, string) {
	if p.Kind == python.VarPositional || p.Kind == python.VarKeyword {
		return Property{}, true, "" // as Prefect has it: untyped and required
	}
	property, reason := Property{}, ""
	if !p.Annotation.Absent() {
		var known bool
		if property, known = r.annotation(p.Annotation); !known {
			property, reason = Property{}, fmt.Sprintf("the type %s is not read from source", p.Annotation.Text)
		}
	}
	if p.Default.Absent() {
		return property, true, reason
	}
	value, known := defaultOf(p.Default)
	if !known {
		return Property{}, false, fmt.Sprintf("the default %s is not a literal", p.Default.Text)
	}
	property["default"] = value
	return property, false, reason
}

func defaultOf(e python.Expr) (any, bool) {
	node, err := e.Node()
	if err != nil {
		return nil, false
	}
	value, ok := python.Literal(node)
	if _, err := json.Marshal(value); err != nil { // 1e999 is infinite, and JSON has no word for that
		return nil, false
	}
	return value, ok
}
