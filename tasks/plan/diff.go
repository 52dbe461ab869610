package plan

import (
	"encoding/json"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/parameter"
)

// Compare gives the fields that have to be written, and all changes, sorted by field.
func Compare(desired, live map[string]any) (map[string]any, []canonical.Change) {
	write := map[string]any{}
	var changes []canonical.Change
	for _, field := range slices.Sorted(maps.Keys(desired)) {
		want, have := normal(field, desired[field]), normal(field, live[field])
		if canonical.Equal(want, have) {
			continue
		}
		write[field] = desired[field]
		changes = append(changes, canonical.Explain(field, have, want)...)
	}
	return write, changes
}

// opened gives what a schema's text says.
func opened(v any) any {
	if text, ok := v.(parameter.Text); ok {
		v, _ = canonical.Decode(json.RawMessage(text)) // what was just written can be read
	}
	return v
}

// withoutEmptyEnv gives job variables without an empty env, which means the same as none.
func withoutEmptyEnv(v any) any {
	m, ok := v.(map[string]any)
	if !ok {
		return map[string]any{}
	}
	if env, ok := m["env"].(map[string]any); ok && len(env) == 0 {
		m = maps.Clone(m)
		delete(m, "env")
	}
	return m
}
