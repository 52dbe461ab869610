package render

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/templates"
)

// same finds where the tree of some deployments differs from what reading their text gives.
func same(t *testing.T, list []Deployment) {
	t.Helper()
	tree, err := Tree(list)
	text, wrong := Prefect(fstest.MapFS{}, templates.FS, config.Env{Project: "shop", Name: "dev"}, list)
	if err != nil || wrong != nil {
		if (err == nil) != (wrong == nil) {
			t.Fatalf("the tree says %v, the text %v", err, wrong)
		}
		return
	}
	root, findings := document.Read("prefect.dev.yaml", text)
	if root == nil { // it is too deep or too large, which both tell
		if document.Bounded(tree) {
			t.Fatalf("%v\n%s", findings, text)
		}
		return
	}
	read := root.Content[len(root.Content)-2:] // behind version and name
	places := cmpopts.IgnoreFields(yaml.Node{}, "Line", "Column")
	if diff := cmp.Diff(read, tree.Content, places, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("%s\n%s", diff, text)
	}
}

func TestTreeIsTheText(t *testing.T) {
	t.Parallel()
	two, no := 2, false
	odd := map[string]any{
		"": nil, "text": "a: \"b\"\n\u2028#\x00\x7f", "null": "null", "yes": "yes", "1": "1", "bytes": "\xff\xfe", "float": 1e6, "tiny": 1e-300, "largest": math.MaxFloat64, "whole": int64(math.MinInt64),
		"huge": json.Number("18446744073709551616"), "unsigned": json.Number("18446744073709551615"), "fraction": json.Number("1.50"), "exponent": json.Number("1E400"),
		"list": []any{}, "map": map[string]any{}, "nested": []any{map[string]any{"x": []any{true, nil}}}, "other": uint8(7),
	}
	delete(odd, "exponent") // see below
	same(t, nil)
	same(t, []Deployment{{}})
	same(t, []Deployment{
		{
			Name: "a", Entrypoint: "a.py:a", Version: "1.0", Description: "two\nlines", Tags: []string{"x", "yes"}, Parameters: odd,
			Schedules: []map[string]any{{"cron": "0 6 * * *", "active": true, "interval": json.Number("60"), "parameters": odd}},
			Fields:    config.Fields{Concurrency: &two, Enforce: &no}, Pull: []map[string]any{{"prefect.deployments.steps.set_working_directory": map[string]any{"directory": "/srv"}}},
			Pool: Pool{Name: "p", Type: "process", Queue: "q"}, JobVariables: map[string]any{"env": map[string]any{"A": "{{ $A }}"}},
		},
		{Name: "b", Parameters: map[string]any{}, Schedules: []map[string]any{}},
	})
	same(t, []Deployment{{Parameters: map[string]any{"x": json.Number("1E400")}}})
	same(t, []Deployment{{Parameters: map[string]any{"x": math.Inf(1)}}})
	deep := any("x")
	for range 70 {
		deep = []any{deep}
	}
	same(t, []Deployment{{Parameters: map[string]any{"x": deep}}})
}

func FuzzTree(f *testing.F) {
	f.Add("a", `{"x": [1, 2.5, "y", null, {"z": 1e400}]}`, "q", 2)
	f.Add("\u2028", `{"": "\u0000", "a": 18446744073709551616}`, "", 0)
	f.Fuzz(func(t *testing.T, word, values, queue string, limit int) {
		dec := json.NewDecoder(strings.NewReader(values))
		dec.UseNumber()
		var parameters map[string]any
		_ = dec.Decode(&parameters)
		d := Deployment{
			Name: word, Entrypoint: word, Description: values, Tags: []string{word, values}, Parameters: parameters, Schedules: []map[string]any{{word: parameters}},
			Pool: Pool{Name: word, Queue: queue}, JobVariables: parameters,
		}
		if limit != 0 {
			d.Concurrency = &limit
		}
		same(t, []Deployment{d, {Name: word}})
	})
}
