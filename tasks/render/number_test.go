package render_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/templates"
)

// Numbers are read back as they were, with every digit, and a fraction stays one.
func TestNumbersSurvive(t *testing.T) {
	t.Parallel()
	given := map[string]any{
		"one more than a float holds": 9007199254740993, "the smallest": -9223372036854775808, "unsigned": json.Number("18446744073709551615"),
		"beyond 64 bits": json.Number("18446744073709551616"), "below": json.Number("-18446744073709551616"),
		"deep": []any{map[string]any{"x": json.Number("100000000000000000000000000000000000001")}}, "large fraction": 1e20, "larger": 1e30, "small": 1e-7, "fraction": 2.5,
	}
	one := render.Deployment{Name: "a", Entrypoint: "a.py:a", Parameters: given, Schedules: []map[string]any{{"cron": "0 6 * * *", "parameters": given}}}
	text, err := render.Prefect(fstest.MapFS{}, templates.FS, environment(t, ""), []render.Deployment{one})
	if err != nil {
		t.Fatal(err)
	}
	m, findings := manifest.Parse("prefect.yaml", text)
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	for _, got := range []map[string]any{m.Deployments[0].Parameters, m.Deployments[0].Schedules[0].Parameters} {
		if diff := cmp.Diff(given, got); diff != "" {
			t.Error(diff)
		}
	}
}
