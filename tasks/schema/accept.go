package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
)

// Accepts tells whether a value fits the property's type. An untyped property accepts everything. Prefect hands values to
// pydantic, which also takes whole numbers for float; the rest is as JSON Schema has it.
func (p Property) Accepts(v any) bool {
	if members, ok := p["anyOf"].([]Property); ok {
		for _, m := range members {
			if m.Accepts(v) {
				return true
			}
		}
		return false
	}
	if placeholder(v) {
		return true // filled in by Prefect when the run starts
	}
	switch p["type"] {
	case "string":
		_, ok := v.(string)
		return ok
	case "integer":
		f, ok := number(v)
		return ok && f == math.Trunc(f)
	case "number":
		_, ok := number(v)
		return ok
	case "boolean":
		_, ok := v.(bool)
		return ok
	case "null":
		return v == nil
	case "array":
		return p.acceptsList(v)
	case object:
		return p.acceptsMap(v)
	default:
		return true
	}
}

func (p Property) acceptsList(v any) bool {
	list, ok := v.([]any)
	if !ok {
		return false
	}
	items, _ := p["items"].(Property)
	for _, x := range list {
		if !items.Accepts(x) {
			return false
		}
	}
	return true
}

func (p Property) acceptsMap(v any) bool {
	m, ok := v.(map[string]any)
	if !ok {
		return false
	}
	values, _ := p["additionalProperties"].(Property)
	for _, x := range m {
		if !values.Accepts(x) {
			return false
		}
	}
	return true
}

// Describe names the type for people: "an integer", "a string or null".
func (p Property) Describe() string {
	if members, ok := p["anyOf"].([]Property); ok {
		words := make([]string, 0, len(members))
		for _, m := range members {
			words = append(words, m.Describe())
		}
		return strings.Join(words, " or ")
	}
	switch t := p["type"]; t {
	case nil:
		return "of any type"
	case "null":
		return "null"
	case "integer", "array", object:
		return fmt.Sprintf("an %s", t)
	default:
		return fmt.Sprintf("a %s", t)
	}
}

func placeholder(v any) bool {
	s, ok := v.(string)
	return ok && strings.Contains(s, "{{")
}

func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	default:
		return 0, false
	}
}
