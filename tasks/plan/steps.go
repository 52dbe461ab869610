package plan

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/manifest"
)

// awaitSteps tells in the plan that steps will run, and what is known only then.
func (a *Action) awaitSteps() {
	steps := a.Desired.Steps
	if len(steps) == 0 {
		return
	}
	shown := map[string]bool{}
	for i, c := range a.Changes {
		field, _, _ := strings.Cut(c.Field, ".")
		shown[field] = true
		a.Changes[i].To = manifest.Later(c.To, steps)
	}
	if a.Op == Create {
		for _, field := range slices.Sorted(maps.Keys(a.Fields)) {
			v := a.Fields[field]
			if later := manifest.Later(v, steps); !shown[field] && !reflect.DeepEqual(v, later) {
				a.Changes = append(a.Changes, canonical.Change{Field: field, To: later})
			}
		}
	}
	names := make([]string, 0, len(steps))
	for i, s := range steps {
		if s.ID == "" {
			names = append(names, fmt.Sprintf("number %d", i+1))
			continue
		}
		names = append(names, s.ID)
	}
	a.Notes = append(a.Notes, "steps run before it is written: "+strings.Join(names, ", "))
}

// settled gives the values that wait for no step.
func (d Desired) settled(values map[string]any) map[string]any {
	if len(d.Steps) == 0 {
		return values
	}
	out := maps.Clone(values)
	maps.DeleteFunc(out, func(_ string, v any) bool { return !reflect.DeepEqual(v, manifest.Later(v, d.Steps)) })
	return out
}
