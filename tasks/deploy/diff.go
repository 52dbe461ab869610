package deploy

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Change is one difference, as deep inside a field as it can be told: `parameters.batch_size`, from 25 to 50. A nil From or
// To means that the value is not there.
type Change struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

// explicitNull is a null that stands there, as against nothing.
var explicitNull = json.RawMessage("null") //nolint:gochecknoglobals // a constant

// compare gives the fields that have to be written, and all changes, sorted by field.
func compare(desired, live map[string]any) (map[string]any, []Change) {
	write := map[string]any{}
	var changes []Change
	for _, field := range slices.Sorted(maps.Keys(desired)) {
		want, have := normal(field, desired[field]), normal(field, live[field])
		if equal(want, have) {
			continue
		}
		write[field] = desired[field]
		changes = append(changes, explain(field, have, want)...)
	}
	return write, changes
}

// normal gives the form of a field in which values that mean the same are equal.
func normal(field string, v any) any {
	if v == nil {
		v = absent(field)
	}
	switch field {
	case fieldDescription:
		// Prefect's own client stores a missing description as the text "None".
		if s, ok := v.(string); !ok || s == "None" || s == "" {
			return nil
		}
	case fieldTags:
		return sortedTags(v)
	case fieldOptions:
		// The server fills in what was not sent with null.
		if m, ok := v.(map[string]any); ok {
			m = maps.Clone(m)
			maps.DeleteFunc(m, func(_ string, x any) bool { return x == nil })
			return m
		}
	case fieldJob:
		return jobVariables(v)
	case fieldSchema:
		if text, ok := v.(parameter.Text); ok {
			v, _ = decoded(json.RawMessage(text)) // what was just written can be read
		}
	case fieldQueue:
		if v == "" {
			return defaultQueue
		}
	}
	return v
}

// absent gives what null means in a field.
func absent(field string) any {
	switch field {
	case fieldJob, fieldParameters:
		return map[string]any{}
	case fieldPull:
		return []any{}
	case fieldQueue:
		return defaultQueue
	default:
		return nil
	}
}

// jobVariables gives job variables without an empty env, which means the same as none.
func jobVariables(v any) any {
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

// sortedTags gives tags without order and repeats.
func sortedTags(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b any) int {
		x, _ := a.(string)
		y, _ := b.(string)
		return strings.Compare(x, y)
	})
	return slices.CompactFunc(list, func(a, b any) bool { return a == b })
}

// explain gives the changes inside a field. Mappings are compared key by key; everything else is shown whole.
func explain(path string, from, to any) []Change {
	before, ok1 := from.(map[string]any)
	after, ok2 := to.(map[string]any)
	if !ok1 || !ok2 {
		return []Change{{Field: path, From: shown(path, from), To: shown(path, to)}}
	}
	keys := map[string]bool{}
	for k := range before {
		keys[k] = true
	}
	for k := range after {
		keys[k] = true
	}
	var out []Change
	for _, k := range slices.Sorted(maps.Keys(keys)) {
		x, had := before[k]
		y, has := after[k]
		if had && has && equal(x, y) {
			continue
		}
		if had && x == nil {
			x = explicitNull
		}
		if has && y == nil {
			y = explicitNull
		}
		out = append(out, explain(path+"."+k, x, y)...)
	}
	return out
}

// shown gives a value as people may see it. In a parameter's schema only the default can be a secret.
func shown(path string, v any) any {
	field, rest, _ := strings.Cut(path, ".")
	if _, whole := v.(map[string]any); field == fieldSchema && !whole && !strings.HasSuffix(rest, ".default") {
		return v
	}
	return secret.Masked(v, strings.Split(path, "."))
}

// liveFields gives a stored deployment's managed fields in the shape of [Desired.Fields], with the schema opened.
func liveFields(d prefect.Deployment) (map[string]any, error) {
	fields := map[string]any{
		fieldConcurrency: d.ConcurrencyLimit,
		fieldDescription: d.Description,
		fieldEnforce:     d.Enforce,
		fieldEntrypoint:  d.Entrypoint,
		fieldJob:         d.JobVariables,
		fieldOptions:     d.ConcurrencyOptions,
		fieldParameters:  d.Parameters,
		fieldPaused:      d.Paused,
		fieldPool:        d.WorkPoolName,
		fieldPull:        d.PullSteps,
		fieldQueue:       d.WorkQueueName,
		fieldSchema:      d.ParameterSchema,
		fieldTags:        d.Tags,
		fieldVersion:     d.Version,
	}
	return canonical(fields)
}
