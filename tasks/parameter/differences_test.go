package parameter_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/parameter"
)

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
			s, err := parameter.Parse([]byte(one))
			if err != nil {
				t.Fatal(err)
			}
			other, err := parameter.Parse([]byte(test.other))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, s.Differences(other)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestRequired(t *testing.T) {
	t.Parallel()
	for text, want := range map[parameter.Text][]string{
		`{"properties": {"a": {"required": ["x"]}}, "required": ["a", "b"]}`: {"a", "b"}, `{"required": 1}`: nil, `{}`: nil, "": nil, "{": nil,
	} {
		if diff := cmp.Diff(want, text.Required()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", text, diff)
		}
	}
}
