package deploy

import (
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestShared(t *testing.T) {
	t.Parallel()
	fields := func(n int) map[string]any {
		return map[string]any{
			"job": map[string]any{"env": map[string]any{"LEVEL": "info"}}, "list": []any{"a"},
			"schema": map[string]any{"count": map[string]any{"default": n}, "note": map[string]any{"type": "string"}},
		}
	}
	first := fields(1)
	second := shared(fields(2), first)
	if diff := cmp.Diff(fields(2), second); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(fields(1), first); diff != "" {
		t.Error(diff)
	}
	at := func(fields map[string]any, path ...string) uintptr {
		for _, k := range path {
			fields, _ = fields[k].(map[string]any)
		}
		return reflect.ValueOf(fields).Pointer()
	}
	for path, same := range map[string]bool{"job": true, "schema": false, "schema/note": true, "schema/count": false} {
		keys := strings.Split(path, "/")
		if got := at(first, keys...) == at(second, keys...); got != same {
			t.Errorf("%s is the same: %v", path, got)
		}
	}
}
