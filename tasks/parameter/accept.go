package parameter

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/misfit"
)

// Refuses tells why the server would refuse a value for a parameter, or "" when it takes it. An untyped parameter takes everything; so does
// one whose schema has a pattern that only Python understands. Text with {{ is filled in when the run starts.
//
// The server judges by JSON Schema, draft 2020-12, and does not look at formats (Prefect: utilities/schema_tools).
func (s Schema) Refuses(name string, v any) string {
	p, ok := s.Properties[name]
	if !ok || len(p) == 0 || placeholder(v) {
		return ""
	}
	whole := map[string]any{"properties": map[string]any{"p": s.Properties[name]}, "$ref": "#/properties/p"}
	if len(s.Definitions) > 0 {
		whole["definitions"] = s.Definitions
	}
	both, err := misfit.Plain(map[string]any{"schema": whole, "value": v})
	if err != nil {
		return ""
	}
	parts, _ := both.(map[string]any)
	found, err := misfit.Judge(parts["schema"], parts["value"])
	if err != nil {
		return ""
	}
	return wording(found)
}

// wording says what is wrong where. Several things are choices.
func wording(found []misfit.Misfit) string {
	var said []string
	for _, m := range found {
		text := m.Text()
		if len(m.Path) > 0 {
			text = "at " + strings.Join(m.Path, ".") + ": " + text
		}
		if !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return strings.Join(said, ", or ")
}

// Describe names a parameter's type for people: "an integer", "a string or null".
func (s Schema) Describe(name string) string { return s.words(s.Properties[name], 0) }

func (s Schema) words(p Property, depth int) string {
	if depth > 3 {
		return "an object"
	}
	if ref, ok := p["$ref"].(string); ok {
		return s.words(s.Definitions[strings.TrimPrefix(ref, "#/definitions/")], depth+1)
	}
	if members := Members(p["anyOf"]); len(members) > 0 {
		words := make([]string, 0, len(members))
		for _, m := range members {
			words = append(words, s.words(m, depth+1))
		}
		return strings.Join(words, " or ")
	}
	if list, ok := p["enum"].([]any); ok && len(list) > 0 && len(list) <= 8 {
		return "one of " + strings.TrimSuffix(strings.TrimPrefix(written(list), "["), "]")
	}
	if c, ok := p["const"]; ok {
		return written(c)
	}
	switch t := p["type"]; t {
	case nil:
		return "of any type"
	case "null":
		return "null"
	case "integer", "array", "object":
		return fmt.Sprintf("an %s", t)
	default:
		return fmt.Sprintf("a %s", t)
	}
}

// written gives a value as JSON has it.
func written(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return string(data)
}

// placeholder tells whether a value, or one inside of it, is filled in later.
func placeholder(v any) bool {
	switch x := v.(type) {
	case string:
		return strings.Contains(x, "{{")
	case []any:
		return slices.ContainsFunc(x, placeholder)
	case map[string]any:
		for _, e := range x {
			if placeholder(e) {
				return true
			}
		}
	}
	return false
}
