package prefect

import (
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShare(t *testing.T) {
	t.Parallel()
	one := func(level string) Deployment {
		return Deployment{
			Name: level, Tags: []string{"a", "b"}, JobVariables: map[string]any{"env": map[string]any{"LEVEL": level}}, Labels: map[string]any{"x": "y"},
			PullSteps: []map[string]any{{"step": map[string]any{"directory": "/srv"}}},
		}
	}
	first, second := one("info"), one("debug")
	second.share(first)
	if diff := cmp.Diff(one("debug"), second); diff != "" {
		t.Error(diff)
	}
	at := func(v any) uintptr { return reflect.ValueOf(v).Pointer() }
	for name, pair := range map[string]struct {
		a, b any
		same bool
	}{
		"labels": {first.Labels, second.Labels, true}, "pull steps": {first.PullSteps, second.PullSteps, true}, "tags": {first.Tags, second.Tags, true},
		"job variables": {first.JobVariables, second.JobVariables, false},
	} {
		if got := at(pair.a) == at(pair.b); got != pair.same {
			t.Errorf("%s are the same: %v", name, got)
		}
	}
}
