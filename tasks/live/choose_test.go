package live_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/live"
)

func TestChoose(t *testing.T) {
	t.Parallel()
	list := []live.Holding{
		{ID: "1", Flow: "load", Name: "etl", Entrypoint: "./flows/shop/workflow.py:run"},
		{ID: "2", Flow: "load", Name: "nightly", Entrypoint: "flows/shop/workflow.py:run"},
		{ID: "3", Flow: "etl", Name: "nightly", Entrypoint: "flows/etl/workflow.py:run"},
		{ID: "4", Flow: "My Flow", Name: "once [a]"},
		{ID: "5", Flow: "etl-two", Name: "first", Entrypoint: "other/shop/workflow.py:load"},
	}
	tests := map[string]struct {
		words  string
		want   string // ids
		refuse string
	}{
		"none":                          {"", "12345", ""},
		"a deployment":                  {"load/nightly", "2", ""},
		"a flow before a deployment":    {"etl", "3", ""},
		"a flow before a function":      {"load", "12", ""},
		"two, in the list's order":      {"etl,load/etl", "13", ""},
		"a folder's path":               {"flows/shop", "12", ""},
		"a folder of two flows":         {"shop", "", `"shop" is the folder of several flows`},
		"a function of two flows":       {"run", "", `"run" is the function of several flows`},
		"a deployment of two flows":     {"nightly", "", `"nightly" is the deployment of several flows`},
		"a deployment's name":           {"first", "5", ""},
		"a pattern of flows":            {"etl*", "35", ""},
		"a pattern of deployments":      {"*/nightly", "23", ""},
		"a pattern of names":            {"night*", "23", ""},
		"a pattern of folders":          {"sho?", "125", ""},
		"all":                           {"*", "12345", ""},
		"blanks":                        {"My Flow/*", "4", ""},
		"a name that looks like one":    {"once [a]", "4", ""},
		"what is neither":               {"[", "", `called "["`},
		"a pattern that fits nothing":   {"x*", "", `called "x*"`},
		"one of two that fits nothing":  {"etl,lod", "", `called "lod"`},
		"a file, which is not a folder": {"workflow.py", "", `called "workflow.py"`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := live.Choose(list, strings.FieldsFunc(test.words, func(r rune) bool { return r == ',' }))
			if f, refused := errors.AsType[*fault.Error](err); test.refuse != "" || err != nil {
				if !refused || f.Code != fault.Usage || !strings.Contains(f.What, test.refuse) || f.Next == "" || test.refuse == "" {
					t.Fatal(err)
				}
			}
			var ids strings.Builder
			for _, h := range got {
				ids.WriteString(h.ID)
			}
			if diff := cmp.Diff(test.want, ids.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}
