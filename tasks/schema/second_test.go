package schema_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

// What Prefect has said of a function is given in place of what its source says, and of no other.
func TestBelieve(t *testing.T) {
	t.Parallel()
	library := python.NewLibrary(fstest.MapFS{"a/f.py": {Data: []byte("def f(x: frob.Nicate): ...\ndef g(x: frob.Nicate): ...\n")}})
	m, err := library.Module("a/f.py")
	if err != nil {
		t.Fatal(err)
	}
	said, err := schema.Parse([]byte(`{"title": "Parameters", "type": "object", "properties": {"y": {"position": 1}, "x": {"position": 0, "default": 12345678901234567890}}, "required": [], "definitions": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"x", "y"}, said.Names()); diff != "" {
		t.Error(diff)
	}
	own, err := schema.TextOf(library, "a/f.py", "", &m.Functions[0])
	if err != nil || !strings.Contains(string(own), `"x":{"position":0`) {
		t.Error(own, err)
	}
	schema.Believe(library, "a/f.py", "a", &m.Functions[0], said)
	if text, err := schema.TextOf(library, "a/f.py", "", &m.Functions[0]); err != nil || !strings.Contains(string(text), `"default":12345678901234567890`) {
		t.Error(text, err)
	}
	got, untyped := schema.Of(library, "a/f.py", "", &m.Functions[0])
	if diff := cmp.Diff(said, got); diff != "" || len(untyped) > 0 {
		t.Error(diff, untyped)
	}
	if _, untyped := schema.Of(library, "a/f.py", "", &m.Functions[1]); len(untyped) != 1 {
		t.Errorf("another function: %v", untyped)
	}
}

func TestDifferences(t *testing.T) {
	t.Parallel()
	const one = `{"properties": {"a": {"$ref": "#/definitions/M", "position": 0}, "b": {"type": "number", "default": 1, "position": 1}}, "required": ["a"],
		"definitions": {"M": {"properties": {"n": {"$ref": "#/definitions/N"}}}, "N": {"type": "integer"}}}`
	tests := map[string]struct {
		other string
		want  []string
	}{
		"the same":         {one, nil},
		"unused":           {`{"properties": {"a": {"$ref": "#/definitions/M", "position": 0}, "b": {"type": "number", "default": 1.0, "position": 1}}, "required": ["a"], "definitions": {"M": {"properties": {"n": {"$ref": "#/definitions/N"}}}, "N": {"type": "integer"}, "X": {}}}`, nil},
		"a definition":     {`{"properties": {"a": {"$ref": "#/definitions/M", "position": 0}, "b": {"type": "number", "default": 1, "position": 1}}, "required": ["a"], "definitions": {"M": {"properties": {"n": {"$ref": "#/definitions/N"}}}, "N": {"type": "string"}}}`, []string{"a"}},
		"a default":        {`{"properties": {"a": {"$ref": "#/definitions/M", "position": 0}, "b": {"type": "number", "default": 2, "position": 1}}, "required": ["a"], "definitions": {"M": {"properties": {"n": {"$ref": "#/definitions/N"}}}, "N": {"type": "integer"}}}`, []string{"b"}},
		"what is required": {`{"properties": {"a": {"$ref": "#/definitions/M", "position": 0}, "b": {"type": "number", "default": 1, "position": 1}}, "definitions": {"M": {"properties": {"n": {"$ref": "#/definitions/N"}}}, "N": {"type": "integer"}}}`, []string{"a"}},
		"other names":      {`{"properties": {"c": {"position": 0}}}`, []string{"a", "b", "c"}},
		"a circle":         {`{"properties": {"a": {"$ref": "#/definitions/M", "position": 0}}, "definitions": {"M": {"$ref": "#/definitions/M"}}}`, []string{"a", "b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, err := schema.Parse([]byte(one))
			if err != nil {
				t.Fatal(err)
			}
			other, err := schema.Parse([]byte(test.other))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.Differences(other)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
