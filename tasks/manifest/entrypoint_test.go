package manifest_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/manifest"
)

func TestParseEntrypoint(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]manifest.Entrypoint{
		"a.py:f":              {Script: "a.py", Object: "f"},
		"./a/b.py:C.f":        {Script: "./a/b.py", Object: "C.f"},
		`C:\\a\\b.py:f`:       {Script: `C:\\a\\b.py`, Object: "f"},
		"loader:load":         {Module: "loader", Object: "load"},
		"shop.jobs:load":      {Module: "shop.jobs", Object: "load"},
		"shop.jobs.load":      {Module: "shop.jobs", Object: "load"},
		"a.py":                {},
		"a.py:":               {},
		":f":                  {},
		"load":                {},
		"":                    {},
		"flows/job:f":         {},
		"https://example.com": {},
		"a b:f":               {},
		"shop..load":          {},
	} {
		got, ok := manifest.ParseEntrypoint(text)
		if ok != (want != manifest.Entrypoint{}) || ok && cmp.Diff(want, got) != "" {
			t.Errorf("%q: %+v %v, want %+v", text, got, ok, want)
		}
	}
}

// What can't be read may be what a deployment runs, wherever its entrypoint counts from.
func TestMayBe(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		entrypoint, place string
		want              bool
	}{
		{"flows/a.py:f", "flows/a.py", true}, {"./flows/a.py:f", "flows/a.py", true}, {"flows/a.py:f", "flows", true}, {"flows/a.py:f", "flows/b.py", false}, {"a.py:f", "jobs/a.py", true},
		{"flows/a.py:f", "flow", false}, {"a.py:f", "jobs/ba.py", false}, {"loader:f", "loader.py", true}, {"shop.load.f", "src/shop/load.py", true}, {"shop:f", "shop/__init__.py", true}, {"shop.load:f", "shop", true},
		{"shop.load:f", "shop/other.py", false},
	} {
		e, _ := manifest.ParseEntrypoint(c.entrypoint)
		if got := e.MayBe(c.place); got != c.want {
			t.Errorf("%s in %s: %v", c.entrypoint, c.place, got)
		}
	}
}
