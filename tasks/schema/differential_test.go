package schema_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// theirs gives the schemas that Prefect computes by importing the modules of a folder, by module and function.
func theirs(t *testing.T, folder string, options ...string) map[string]map[string]map[string]any {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), prerequisite.Python(t), slices.Concat([]string{filepath.Join("testdata", "dump.py"), folder}, options)...)
	cmd.Env = append(os.Environ(), "PYTHONDONTWRITEBYTECODE=1")
	if len(options) == 0 {
		cmd.Stderr = os.Stderr
	}
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found map[string]map[string]map[string]any
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	if err := dec.Decode(&found); err != nil {
		t.Fatal(err)
	}
	return found
}

// tally counts what a comparison saw.
type tally struct {
	parameters, untyped, refused int
	reasons                      map[string]int
}

// same compares all functions of a folder's modules with what Prefect says of them.
func same(t *testing.T, folder string) tally {
	t.Helper()
	return sameIn(t, folder)
}

func sameIn(t *testing.T, folder string, options ...string) tally {
	t.Helper()
	all := theirs(t, folder, options...)
	library := python.NewLibrary(os.DirFS(folder))
	reader := schema.NewReader(library)
	count := tally{reasons: map[string]int{}}
	modules := make([]string, 0, len(all))
	for name := range all {
		modules = append(modules, name)
	}
	slices.Sort(modules)
	for _, name := range modules {
		m, err := library.Module(name + ".py")
		if err != nil {
			t.Fatal(err)
		}
		for _, fn := range m.Functions {
			want, ok := all[name][fn.Name]
			if fn.Scope != python.ModuleScope || !ok {
				continue
			}
			if _, fails := want["error"]; fails {
				count.refused++
				continue // Prefect can't load such a flow
			}
			got, untyped := reader.Of(name+".py", "", &fn)
			if diff := difference(t, want, got, untyped); diff != "" {
				text, _ := os.ReadFile(filepath.Join(folder, name+".py"))
				t.Errorf("%s.%s: from Prefect (-) to ours (+):\n%s\n%s", name, fn.Name, text[fn.Start:fn.End], diff)
			}
			if len(options) > 0 && !strings.HasPrefix(fn.Name, "lifted") {
				continue // compared, and not counted
			}
			if name == "commonest" && len(untyped) > 0 {
				t.Errorf("%s.%s: of the commonest forms none may be untyped: %v", name, fn.Name, untyped)
			}
			count.parameters += len(got.Properties)
			for _, u := range untyped {
				if u.Typed {
					continue
				}
				count.untyped++
				count.reasons[u.Reason]++
				if testing.Verbose() {
					t.Logf("%s.%s: %s is untyped: %s", name, fn.Name, u.Parameter, u.Reason)
				}
			}
		}
	}
	return count
}

// difference compares a schema with Prefect's. A parameter that we leave untyped must have the same title, position and description there, and
// be required here only if it is there.
func difference(t *testing.T, want map[string]any, computed schema.Schema, untyped []schema.Untyped) string {
	t.Helper()
	text, err := computed.Text()
	if err != nil {
		t.Fatal(err)
	}
	dec := json.NewDecoder(strings.NewReader(string(text)))
	dec.UseNumber() // a default may be an integer that no float64 holds
	var got map[string]any
	if err := dec.Decode(&got); err != nil {
		t.Fatal(err)
	}
	properties, _ := want["properties"].(map[string]any)
	if properties == nil {
		properties = map[string]any{}
		want["properties"] = properties
	}
	for _, u := range untyped {
		p, ok := properties[u.Parameter].(map[string]any)
		if !ok {
			t.Errorf("Prefect has no parameter %s", u.Parameter)
			continue
		}
		ours, _ := got["properties"].(map[string]any)[u.Parameter].(map[string]any)
		if u.Typed { // but for its default it is the same
			delete(p, "default")
			if ours["default"] != nil {
				t.Errorf("the default of %s is not known, and there", u.Parameter)
			}
			continue
		}
		for key := range ours {
			if key != "title" && key != "position" && key != "description" {
				t.Errorf("%s counts as untyped, and has %s: %v", u.Parameter, key, ours)
			}
		}
		for _, list := range []map[string]any{p, ours} {
			for key := range list {
				if key != "title" && key != "position" && key != "description" {
					delete(list, key)
				}
			}
		}
		if _, ref := p["title"]; !ref { // it had that of its type
			delete(ours, "title")
		}
	}
	if len(untyped) > 0 {
		reachable(want)
	}
	// 1.0 there is 1 here: JSON has one kind of number.
	sameNumber := cmp.Comparer(func(a, b json.Number) bool {
		x, err1 := a.Float64()
		y, err2 := b.Float64()
		return a == b || err1 == nil && err2 == nil && x == y
	})
	return cmp.Diff(want, got, sameNumber)
}

// reachable drops the definitions that nothing refers to any more.
func reachable(s map[string]any) {
	definitions, _ := s["definitions"].(map[string]any)
	used := map[string]bool{}
	var visit func(v any)
	visit = func(v any) {
		switch x := v.(type) {
		case []any:
			for _, e := range x {
				visit(e)
			}
		case map[string]any:
			if ref, ok := x["$ref"].(string); ok {
				name := strings.TrimPrefix(ref, "#/definitions/")
				if !used[name] {
					used[name] = true
					visit(definitions[name])
				}
			}
			for _, e := range x {
				visit(e)
			}
		}
	}
	visit(s["properties"])
	for name := range definitions {
		if !used[name] {
			delete(definitions, name)
		}
	}
	if len(definitions) == 0 {
		delete(s, "definitions")
	}
}

// TestTable compares signatures that were written by hand, a row per rule.
func TestTable(t *testing.T) {
	t.Parallel()
	count := same(t, filepath.Join("testdata", "table"))
	t.Logf("%d parameters, %d untyped by choice, %d signatures that Prefect refuses", count.parameters, count.untyped, count.refused)
	if count.untyped*100 > 3*count.parameters {
		t.Errorf("%d of %d parameters are untyped: %v", count.untyped, count.parameters, count.reasons)
	}
}

// TestConditionalModels compares flows whose models may be of pydantic's first version: they have no types at all.
func TestConditionalModels(t *testing.T) {
	t.Parallel()
	if count := same(t, filepath.Join("testdata", "conditional")); count.untyped == 0 || count.untyped == count.parameters {
		t.Errorf("%d of %d parameters are untyped", count.untyped, count.parameters)
	}
}
