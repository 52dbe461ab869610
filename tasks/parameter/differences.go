package parameter

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// Differences names the parameters of which another schema says something else, definitions included, in their order.
func (s Schema) Differences(other Schema) []string {
	var out []string
	for _, name := range s.Names() {
		if !reflect.DeepEqual(s.opened(name), other.opened(name)) {
			out = append(out, name)
		}
	}
	for _, name := range other.Names() {
		if _, ok := s.Properties[name]; !ok {
			out = append(out, name)
		}
	}
	return out
}

// opened gives a parameter's schema with all definitions that it leads to, and whether it is required, as plain JSON values: 1.0 is 1.
func (s Schema) opened(name string) any {
	parts := map[string]any{"": s.Properties[name]}
	if slices.Contains(s.Required, name) {
		parts["required"] = true
	}
	for left := []any{s.Properties[name]}; len(left) > 0; {
		next := left[0]
		left = left[1:]
		switch x := plainValue(next).(type) {
		case []any:
			left = append(left, x...)
		case map[string]any:
			left = slices.AppendSeq(left, maps.Values(x))
			ref, _ := x["$ref"].(string)
			if _, seen := parts[ref]; ref != "" && !seen {
				parts[ref] = s.Definitions[strings.TrimPrefix(ref, "#/definitions/")]
				left = append(left, parts[ref])
			}
		}
	}
	return plainValue(parts)
}

// plainValue gives a value as JSON has it.
func plainValue(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	_ = json.Unmarshal(data, &out) // it was just written
	return out
}
