package schema_test

import (
	"encoding/json"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

func of(t *testing.T, signature string) (schema.Schema, []schema.Untyped) {
	t.Helper()
	library := python.NewLibrary(fstest.MapFS{"f.py": {Data: []byte("\nimport datetime, frob, typing\ndef f(" + signature + "): pass\n")}})
	m, err := library.Module("f.py")
	if err != nil {
		t.Fatal(err)
	}
	return schema.NewReader(library).Of("f.py", "", &m.Functions[0])
}

func TestRefuses(t *testing.T) {
	t.Parallel()
	tests := map[string]struct{ yes, no []any }{
		"a: str":                    {[]any{"", "x", "{{ anything }}"}, []any{1, nil, true, []any{}}},
		"a: int":                    {[]any{1, int64(-5), 2.0, json.Number("7"), "{{ x }}"}, []any{"1", 1.5, json.Number("1.5"), true, nil}},
		"a: float":                  {[]any{1, 1.5, json.Number("1e3")}, []any{"1.5", nil, false}},
		"a: bool":                   {[]any{true, false}, []any{0, "true", nil}},
		"a: None":                   {[]any{nil}, []any{0, ""}},
		"a: list[int]":              {[]any{[]any{}, []any{1, 2}}, []any{[]any{"x"}, map[string]any{}, 1}},
		"a: list":                   {[]any{[]any{1, "x", nil}}, []any{"x"}},
		"a: dict[str, int]":         {[]any{map[string]any{}, map[string]any{"k": 1}}, []any{map[string]any{"k": "x"}, []any{}}},
		"a: dict":                   {[]any{map[string]any{"k": []any{}}}, []any{1}},
		"a: int | None":             {[]any{1, nil}, []any{"x", 1.5}},
		"a: dict[str, list[bool]]":  {[]any{map[string]any{"k": []any{true}}}, []any{map[string]any{"k": []any{1}}}},
		"a":                         {[]any{1, "x", nil, []any{}}, nil},
		"a: datetime.date":          {[]any{"2024-01-01", "soon"}, []any{1}},
		"a: typing.Literal[1, 'x']": {[]any{1, "x"}, []any{"1", 2}},
		"a: 'frob.Nicate'":          {[]any{1, nil}, nil},
		"a: set[int]":               {[]any{[]any{1, 2}}, []any{[]any{1, 1}}},
		"a: tuple[int, str]":        {[]any{[]any{1, "x"}}, []any{[]any{1}, []any{"x", 1}}},
	}
	for signature, test := range tests {
		t.Run(signature, func(t *testing.T) {
			t.Parallel()
			s, _ := of(t, signature)
			for _, v := range test.yes {
				if reason := s.Refuses("a", v); reason != "" {
					t.Errorf("%#v is refused: %s", v, reason)
				}
			}
			for _, v := range test.no {
				if s.Refuses("a", v) == "" {
					t.Errorf("%#v is accepted", v)
				}
			}
		})
	}
}

func TestDescribe(t *testing.T) {
	t.Parallel()
	for signature, want := range map[string]string{
		"a: str": "a string", "a: int": "an integer", "a: float": "a number", "a: list[int]": "an array", "a: dict": "an object",
		"a: int | str | None": "an integer or a string or null", "a": "of any type",
	} {
		s, _ := of(t, signature)
		if got := s.Describe("a"); got != want {
			t.Errorf("%s: got %q, want %q", signature, got, want)
		}
	}
}

func TestNamesAndUntyped(t *testing.T) {
	t.Parallel()
	s, untyped := of(t, "z, /, b: frob.Nicate, *, a: int = len('x'), c: int = 1")
	if diff := cmp.Diff([]string{"z", "b", "a", "c"}, s.Names()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"z", "b"}, s.Required); diff != "" {
		t.Error(diff)
	}
	want := []schema.Untyped{
		{Parameter: "b", Reason: "the type frob.Nicate: frob.Nicate is neither a type of this repository nor one of Python's library or pydantic that is known here", File: "f.py", Line: 3},
		{Parameter: "a", Reason: "the default len('x'): len(…) is computed", File: "f.py", Line: 3, Typed: true},
	}
	if diff := cmp.Diff(want, untyped); diff != "" {
		t.Error(diff)
	}
}
