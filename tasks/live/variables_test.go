package live

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prefecttest"
)

// Variables stand where they are referred to, as Prefect's command line has them: alone with their type, in a text as Python writes them.
func TestVariables(t *testing.T) {
	t.Parallel()
	asked := 0
	row := func(name string, value any) func(time.Time) any {
		return func(time.Time) any { asked++; return map[string]any{"id": name, "name": name, "value": value} }
	}
	v := VariablesOf(prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
		"/variables/name/bucket": row("bucket", "orders"), "/variables/name/limit": row("limit", json.Number("9007199254740993")),
		"/variables/name/on": row("on", true), "/variables/name/list": row("list", []any{"a"}), "/variables/name/gone": func(time.Time) any { return nil },
	}))
	for text, want := range map[any]any{
		"{{ prefect.variables.bucket }}":                               "orders",
		"{{prefect.variables.bucket}}":                                 "orders",
		"{{ prefect.variables.limit }}":                                json.Number("9007199254740993"),
		"{{ prefect.variables.on }}":                                   true,
		"{{ prefect.variables.list }}":                                 []any{"a"},
		"s3://{{ prefect.variables.bucket }}":                          "s3://orders",
		"{{ prefect.variables.bucket }}-{{ prefect.variables.limit }}": "orders-9007199254740993",
		"is {{ prefect.variables.on }}":                                "is True",
		"{{ prefect.variables.gone }}":                                 "{{ prefect.variables.gone }}",
		"a {{ prefect.variables.list }}":                               "a {{ prefect.variables.list }}",
	} {
		if got, found, err := v.Fill(t.Context(), text); !found || err != nil || !cmp.Equal(got, want) {
			t.Errorf("%v: %v %v %v, want %v", text, got, found, err, want)
		}
	}
	deep := map[string]any{"a": []any{map[string]any{"b": "{{ prefect.variables.bucket }}"}}, "n": 1, "s": "{{ prefect.blocks.secret.x }}"}
	want := map[string]any{"a": []any{map[string]any{"b": "orders"}}, "n": 1, "s": "{{ prefect.blocks.secret.x }}"}
	if got, found, err := v.Fill(t.Context(), deep); !found || err != nil || !cmp.Equal(got, want) {
		t.Error(got, found, err)
	}
	if got, found, err := v.Fill(t.Context(), map[string]any{"n": 1, "s": "{{ $NAME }}"}); found || err != nil {
		t.Error(got, found, err)
	}
	if asked != 4 {
		t.Errorf("%d questions for 4 variables that are there", asked)
	}
}
