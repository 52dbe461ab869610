// Package parameter has what is known of a flow's parameters: their schema, as Prefect stores it, and which of them have no type.
//
// Start with [Schema]. Package schema computes one from a flow's source, and Prefect itself tells one; all others take it as it is, and need no
// source for it. [Schema.Refuses] tells what the server would say to a value (accept.go), [Schema.Differences] what two say differently of one
// flow (differences.go). What is kept is a [Text].
package parameter

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

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

// Untyped is a parameter without a type, and why; a Typed one only lacks its default. Its line is that of the parameter.
type Untyped struct {
	Parameter string `json:"parameter"`
	Reason    string `json:"reason"`
	File      string `json:"file,omitempty"`
	Line      int    `json:"line"`
	Typed     bool   `json:"typed,omitempty"`
}

// Parse reads a schema, whoever wrote it.
func Parse(data []byte) (Schema, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var s Schema
	if err := dec.Decode(&s); err != nil {
		return Schema{}, fmt.Errorf("parameter schema: %w", err)
	}
	for _, p := range s.Properties {
		if n, ok := p["position"].(json.Number); ok {
			at, err := n.Int64()
			if err != nil {
				return Schema{}, fmt.Errorf("parameter schema: %w", err)
			}
			p["position"] = int(at)
		}
	}
	return s, nil
}

// Names gives the parameters' names in the order of the signature.
func (s Schema) Names() []string {
	place := func(name string) int {
		n, _ := s.Properties[name]["position"].(int)
		return n
	}
	byPlace := func(a, b string) int { return cmp.Or(cmp.Compare(place(a), place(b)), cmp.Compare(a, b)) }
	return slices.SortedFunc(maps.Keys(s.Properties), byPlace)
}

// Members gives the schemas of a list, such as that of an anyOf, whether it was computed or read.
func Members(v any) []Property {
	switch list := v.(type) {
	case []Property:
		return list
	case []any:
		out := make([]Property, 0, len(list))
		for _, x := range list {
			switch m := x.(type) {
			case map[string]any:
				out = append(out, m)
			case Property:
				out = append(out, m)
			}
		}
		return out
	default:
		return nil
	}
}

// Text is a schema in JSON, as the API stores it. It takes a tenth of a [Schema]'s room. Empty, it says that none is known.
type Text string

// MarshalJSON gives the text itself.
func (t Text) MarshalJSON() ([]byte, error) { return []byte(t), nil }

// Open gives the schema that the text is of. An empty one has no parameters.
func (t Text) Open() Schema {
	s, _ := Parse([]byte(t)) // which gives an empty one with an error
	return s
}

// Required gives the names of the parameters without a default. It keeps nothing of the rest.
func (t Text) Required() []string {
	var s struct {
		Required []string `json:"required"`
	}
	_ = json.Unmarshal([]byte(t), &s) // what can't be read requires nothing, as in Open
	return s.Required
}

// Text gives the schema as text.
func (s Schema) Text() (Text, error) {
	data, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("parameter schema: %w", err)
	}
	return Text(data), nil
}
