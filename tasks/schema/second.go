package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// functionKey is a function of a file, in a script of a folder.
type functionKey struct{ file, script, name string }

// Parse reads a schema as Prefect tells it.
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

// Believe has [Of] give, from now on, what Prefect itself computed for a function, in place of what the source says.
func Believe(l *python.Library, file, script string, fn *python.Function, s Schema) {
	r := shared(l)
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.believed[functionKey{file, script, fn.QualifiedName}] = s
}

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
	for _, r := range s.Required {
		if r == name {
			parts["required"] = true
		}
	}
	left := []any{s.Properties[name]}
	for len(left) > 0 {
		next := left[0]
		left = left[1:]
		switch x := plain(next).(type) {
		case []any:
			left = append(left, x...)
		case map[string]any:
			for _, e := range x {
				left = append(left, e)
			}
			ref, _ := x["$ref"].(string)
			if _, seen := parts[ref]; ref != "" && !seen {
				parts[ref] = s.Definitions[strings.TrimPrefix(ref, "#/definitions/")]
				left = append(left, parts[ref])
			}
		}
	}
	return plain(parts)
}

// plain gives a value as JSON has it.
func plain(v any) any {
	data, err := json.Marshal(v)
	if err != nil {
		return nil
	}
	var out any
	_ = json.Unmarshal(data, &out) // it was just written
	return out
}
