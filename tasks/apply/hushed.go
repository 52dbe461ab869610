package apply

import (
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/secret"
)

// hushed gives the steps, with those marked whose output is a secret: by the step's id, or because it goes to where a secret belongs, be it by
// way of another step.
func hushed(d plan.Desired) []manifest.Step {
	steps := slices.Clone(d.Steps)
	secretTexts := secretsIn(d.Fields, nil)
	for _, s := range d.Schedules {
		secretTexts = append(secretTexts, secretsIn(s.Parameters, nil)...)
	}
	for i := len(steps) - 1; i >= 0; i-- {
		s := &steps[i]
		s.Secret = secret.Named([]string{s.ID}) || slices.ContainsFunc(secretTexts, func(text string) bool { return s.Feeds(text) })
		if s.Secret { // what it is made from
			secretTexts = append(secretTexts, s.Script)
			secretTexts = append(secretTexts, slices.Collect(maps.Values(s.Env))...)
		}
		for name, value := range s.Env {
			if secret.Named([]string{name}) {
				secretTexts = append(secretTexts, value)
			}
		}
	}
	return steps
}

// secretsIn gives the texts below path that stand where a secret belongs, as far as they hold placeholders.
func secretsIn(v any, path []string) []string {
	var out []string
	switch x := v.(type) {
	case string:
		if strings.Contains(x, "{{") && (secret.Named(path) || secret.URL(x) != x) {
			out = append(out, x)
		}
	case map[string]any:
		for name, value := range x {
			out = append(out, secretsIn(value, append(slices.Clone(path), name))...)
		}
	case []any:
		for _, value := range x {
			out = append(out, secretsIn(value, path)...)
		}
	case []map[string]any:
		for _, value := range x {
			out = append(out, secretsIn(value, path)...)
		}
	}
	return out
}
