package schema_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// TestAsPrefect compares schemas with those that the real Prefect computes by importing. A parameter that we leave untyped must
// have the same title, position and description there.
func TestAsPrefect(t *testing.T) {
	t.Parallel()
	interpreter := os.Getenv("FLOWMAGE_TEST_PYTHON")
	if interpreter == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("FLOWMAGE_TEST_PYTHON is not set; run make test")
		}
		t.Skip("FLOWMAGE_TEST_PYTHON is not set; make test sets it")
	}
	file := filepath.Join("testdata", "signatures.py")
	cmd := exec.CommandContext(t.Context(), interpreter, filepath.Join("testdata", "dump.py"), file)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var theirs map[string]map[string]any
	dec := json.NewDecoder(bytes.NewReader(out))
	dec.UseNumber()
	if err := dec.Decode(&theirs); err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	module, err := python.Parse(source)
	if err != nil {
		t.Fatal(err)
	}
	if len(module.Functions) != len(theirs) {
		t.Fatalf("%d functions here, %d there", len(module.Functions), len(theirs))
	}
	for _, fn := range module.Functions {
		t.Run(fn.Name, func(t *testing.T) {
			t.Parallel()
			compare(t, module, fn, theirs[fn.Name])
		})
	}
}

func compare(t *testing.T, module *python.Module, fn python.Function, want map[string]any) {
	t.Helper()
	computed, untyped := schema.Of(module, fn)
	got, err := computed.Map()
	if err != nil {
		t.Fatal(err)
	}
	properties, _ := want["properties"].(map[string]any)
	if properties == nil {
		want["properties"] = map[string]any{}
	}
	for _, u := range untyped {
		p, ok := properties[u.Parameter].(map[string]any)
		if !ok {
			t.Errorf("Prefect has no parameter %s", u.Parameter)
			continue
		}
		for key := range p {
			if key != "title" && key != "position" && key != "description" {
				delete(p, key)
			}
		}
		ours, _ := got["properties"].(map[string]any)[u.Parameter].(map[string]any)
		if _, typed := ours["type"]; typed {
			t.Errorf("%s counts as untyped, and has a type: %v", u.Parameter, ours)
		}
		delete(ours, "default")
	}
	if len(untyped) > 0 {
		delete(want, "definitions")
	}
	// 1.0 there is 1 here: JSON has one kind of number.
	sameNumber := cmp.Comparer(func(a, b json.Number) bool {
		x, err1 := a.Float64()
		y, err2 := b.Float64()
		return a == b || err1 == nil && err2 == nil && x == y
	})
	if diff := cmp.Diff(want, got, sameNumber); diff != "" {
		t.Errorf("from Prefect (-) to ours (+):\n%s", diff)
	}
}
