package schema_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// files computes the schema of the function f of main.py.
func files(t *testing.T, sources map[string]string) (schema.Schema, []schema.Untyped) {
	t.Helper()
	root := fstest.MapFS{}
	for name, text := range sources {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	library := python.NewLibrary(root)
	m, err := library.Module("main.py")
	if err != nil {
		t.Fatal(err)
	}
	for _, fn := range m.Functions {
		if fn.Name == "f" {
			return schema.NewReader(library).Of("main.py", "", &fn)
		}
	}
	t.Fatal("there is no function f")
	return schema.Schema{}, nil
}

// What goes round in a circle ends: right, or untyped with the reason.
func TestCircles(t *testing.T) {
	t.Parallel()
	const head = "from typing import Optional, Union\nfrom pydantic import BaseModel\n"
	tests := map[string]struct {
		sources map[string]string
		reason  string // words of it; empty: exact
		wanted  int    // definitions
	}{
		"a model of itself":    {map[string]string{"main.py": head + "class A(BaseModel):\n    a: 'Optional[A]' = None\ndef f(a: A): ...\n"}, "", 1},
		"two of each other":    {map[string]string{"main.py": head + "class A(BaseModel):\n    b: 'Optional[B]' = None\nclass B(BaseModel):\n    a: Optional[A] = None\ndef f(a: A, b: B): ...\n"}, "", 2},
		"an alias of itself":   {map[string]string{"main.py": head + "A = Optional['A']\nX = Y\nY = X\ndef f(a: X): ...\n"}, "X", 0},
		"a class of itself":    {map[string]string{"main.py": head + "class A(A): ...\ndef f(a: A): ...\n"}, "A", 0},
		"circular imports":     {map[string]string{"main.py": "from one import A\ndef f(a: A): ...\n", "one.py": head + "import two\nclass A(BaseModel):\n    b: 'Optional[two.B]' = None\n", "two.py": head + "import one\nclass B(BaseModel):\n    a: 'Optional[one.A]' = None\n"}, "", 2},
		"imported in a circle": {map[string]string{"main.py": "from one import A\ndef f(a: A): ...\n", "one.py": "from two import A\n", "two.py": "from one import A\n"}, "A", 0},
		"a broken module":      {map[string]string{"main.py": "from one import A\ndef f(a: A): ...\n", "one.py": "class A(:\n"}, "A", 0},
		"a default of itself":  {map[string]string{"main.py": "A = B\nB = A\ndef f(a: int = A): ...\n"}, "A", 0},
		"two of a name": {map[string]string{"main.py": "import one, two\ndef f(a: one.A, b: two.A): ...\n", "one.py": head + "class A(BaseModel):\n    x: int\n", "two.py": head + "class A(BaseModel):\n    y: int\n"},
			"two types are called A", 0},
		"a deep type": {map[string]string{"main.py": "def f(a: " + strings.Repeat("list[", 90) + "int" + strings.Repeat("]", 90) + "): ...\n"}, "deep", 0},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, untyped := files(t, test.sources)
			if test.reason == "" && len(untyped) > 0 || test.reason != "" && (len(untyped) == 0 || !strings.Contains(untyped[0].Reason, test.reason)) {
				t.Errorf("got %v, want a reason with %q", untyped, test.reason)
			}
			if len(s.Definitions) != test.wanted {
				t.Errorf("got the definitions %v, want %d", s.Definitions, test.wanted)
			}
		})
	}
}

// A model may have many fields, and a chain of models may be long.
func TestSizes(t *testing.T) {
	t.Parallel()
	library, fn := wide(t)
	s, untyped := schema.NewReader(library).Of("wide.py", "", &fn)
	fields, _ := s.Definitions["Wide"]["properties"].(map[string]any)
	if len(untyped) > 0 || len(fields) != 1000 {
		t.Errorf("got %d fields, untyped %v", len(fields), untyped)
	}
	var text strings.Builder
	text.WriteString("from pydantic import BaseModel\nclass M0(BaseModel):\n    x: int\n")
	for n := 1; n < 1000; n++ {
		fmt.Fprintf(&text, "class M%d(BaseModel):\n    m: M%d\n", n, n-1)
	}
	_, untyped = files(t, map[string]string{"main.py": text.String() + "def f(a: M20, b: M999): ...\n"})
	if len(untyped) != 1 || untyped[0].Parameter != "b" || !strings.Contains(untyped[0].Reason, "deep") {
		t.Errorf("got %v", untyped)
	}
}

// A decorator below Prefect's may take other parameters than the function.
func TestDecorators(t *testing.T) {
	t.Parallel()
	const head = "import functools\nfrom prefect import flow\nimport frob\ndef kept(fn):\n    @functools.wraps(fn)\n    def inner(*a, **k): return fn(*a, **k)\n    return inner\n" +
		"def lost(fn):\n    def inner(x): return fn(x)\n    return inner\n"
	for decorators, untyped := range map[string]bool{
		"@flow": false, "@flow(name='x')\n@kept": false, "@frob.outer\n@flow": false, "@flow\n@lost": true, "@flow\n@frob.inner(1)": true, "": false,
	} {
		_, got := files(t, map[string]string{"main.py": head + decorators + "\ndef f(a: int): ...\n"})
		if (len(got) > 0) != untyped {
			t.Errorf("%q: got %v", decorators, got)
		}
	}
}
