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

// A page is taken apart by hand; whatever is no list of deployments is an error all the same.
func TestDecodePage(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]int{
		`[]`: 0, ` [ {"id": "a"} , {"id": "b", "parameters": {"n": 12345678901234567890}} ] `: 2,
		``: -1, `null`: -1, `{}`: -1, `"a"`: -1, `[`: -1, `[{"id": "a"}`: -1, `[{"id": "a"},`: -1, `[{"id": 1}]`: -1, `[{}] []`: -1, `[{}]]`: -1, `[{} {}]`: -1, `<html>`: -1,
	} {
		var page elements[Deployment]
		err := decode([]byte(body), &page)
		if (err != nil) != (want < 0) || err == nil && len(page) != want {
			t.Errorf("%s: %d, %v", body, len(page), err)
		}
	}
}
