package misfit_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
	"golang.org/x/text/language"
	"golang.org/x/text/message"

	"github.com/flowmage/flowmage/tasks/misfit"
)

// opened gives what JSON says, as [misfit.Judge] wants it.
func opened(t *testing.T, text string) any {
	t.Helper()
	v, err := misfit.Plain(json.RawMessage(text))
	if err != nil {
		t.Fatal(text, err)
	}
	return v
}

// ours gives the misfits, a line each, sorted; ok is false where nothing is known.
func ours(schema, value any) (lines []string, ok bool) {
	found, err := misfit.Judge(schema, value)
	for _, m := range found {
		lines = append(lines, strings.Join(m.Path, ".")+": "+m.Text())
	}
	slices.Sort(lines)
	return lines, err == nil
}

// theirs is what the library finds.
func theirs(schema, value any) (lines []string, ok bool) {
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	if err := c.AddResource("flow:///a", schema); err != nil {
		return nil, false
	}
	compiled, err := c.Compile("flow:///a")
	if err != nil {
		return nil, false
	}
	var all func(e *jsonschema.ValidationError)
	all = func(e *jsonschema.ValidationError) {
		if k, is := e.ErrorKind.(*kind.AdditionalProperties); is {
			slices.Sort(k.Properties) // which come in any order
		}
		if len(e.Causes) == 0 {
			lines = append(lines, strings.Join(e.InstanceLocation, ".")+": "+e.ErrorKind.LocalizedString(message.NewPrinter(language.English)))
		}
		for _, c := range e.Causes {
			all(c)
		}
	}
	if failed, is := errors.AsType[*jsonschema.ValidationError](compiled.Validate(value)); is {
		all(failed)
	}
	slices.Sort(lines)
	return lines, true
}

// schemas are of all the forms that pydantic writes, and of those that people add.
var schemas = []string{
	`true`, `false`, `{}`, `{"type": "integer"}`, `{"type": ["string", "null"]}`, `{"type": ["null", "integer", "array"]}`, `{"type": "number"}`,
	`{"const": 1}`, `{"const": {"a": [1, null]}}`, `{"enum": [1, "a", null]}`, `{"enum": [[1], {"a": 1}]}`, `{"enum": ["a"], "type": "string"}`,
	`{"minimum": 1, "maximum": 2.5}`, `{"exclusiveMinimum": 1, "exclusiveMaximum": 2, "type": "integer"}`, `{"multipleOf": 0.5}`,
	`{"minLength": 2, "maxLength": 3, "pattern": "^a"}`, `{"pattern": "b+"}`, `{"format": "date-time", "type": "string"}`,
	`{"items": {"type": "integer"}, "type": "array", "uniqueItems": true}`, `{"minItems": 1, "maxItems": 2}`,
	`{"prefixItems": [{"type": "integer"}, {"type": "string"}], "items": false}`, `{"prefixItems": [true], "items": {"type": "string"}, "minItems": 2}`,
	`{"properties": {"a": {"type": "integer"}, "b": {"$ref": "#/definitions/M"}}, "definitions": {"M": {"type": "string"}}}`,
	`{"properties": {"a": true}, "additionalProperties": false, "required": ["a", "b"]}`, `{"additionalProperties": {"type": "integer"}}`,
	`{"patternProperties": {"^a": {"type": "integer"}}, "additionalProperties": false}`, `{"propertyNames": {"enum": ["a"]}}`,
	`{"propertyNames": {"minLength": 2}}`, `{"minProperties": 1, "maxProperties": 1}`, `{"dependentRequired": {"a": ["c", "d"]}}`,
	`{"dependentSchemas": {"a": {"required": ["c"]}}}`,
	`{"anyOf": [{"type": "integer"}, {"type": "null"}]}`, `{"oneOf": [{"type": "integer"}, {"type": "number"}, {"type": "string"}]}`,
	`{"allOf": [{"type": "integer"}, {"minimum": 5}]}`, `{"not": {"type": "string"}}`,
	`{"if": {"type": "string"}, "then": {"minLength": 2}, "else": {"type": "null"}}`, `{"if": {"type": "string"}}`,
	`{"$ref": "#/definitions/T", "definitions": {"T": {"type": "object", "properties": {"a": {"$ref": "#/definitions/T"}}, "required": ["a"]}}}`,
	`{"$ref": "#/$defs/a%20b~1c", "$defs": {"a b/c": {"type": "string"}}}`, `{"$ref": "#/allOf/1", "allOf": [true, {"minimum": 2}]}`,
	`{"anyOf": [{"properties": {"a": {"anyOf": [{"type": "string"}, {"type": "null"}]}}, "type": "object"}, {"items": {"type": "string"}, "type": "array"}]}`,
	`{"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "string"}`,
}

var values = []string{
	`null`, `true`, `1`, `1.0`, `2`, `2.25`, `7`, `-1`, `12345678901234567890`, `1e3`, `""`, `"a"`, `"ab"`, `"bbbb"`, `"é"`, `[]`, `[1]`, `[1, "x"]`, `[1, 1.0]`,
	`["x", 1, null]`, `[[1]]`, `{}`, `{"a": 1}`, `{"a": "x", "b": 1}`, `{"a": {"a": {}}}`, `{"a": [1, null]}`, `{"ab": "x", "c": 2}`, `{"b": null, "d": "x"}`,
}

func TestJudgesAsTheLibrary(t *testing.T) {
	t.Parallel()
	for _, s := range schemas {
		schema := opened(t, s)
		for _, v := range values {
			compare(t, schema, opened(t, v))
		}
	}
}

// What is put together at random is judged alike too.
func TestJudgesAsTheLibraryAtRandom(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	for range 400 {
		compare(t, schemaOf(t, r, 3), opened(t, values[r.IntN(len(values))]))
	}
}

// schemaOf puts some of the schemas into one.
func schemaOf(t *testing.T, r *rand.Rand, depth int) any {
	t.Helper()
	if depth == 0 || r.IntN(3) == 0 {
		for {
			if s := schemas[r.IntN(len(schemas))]; !strings.Contains(s, "$") {
				return opened(t, s)
			}
		}
	}
	some := []any{schemaOf(t, r, depth-1), schemaOf(t, r, depth-1)}
	return map[string]any{
		[]string{"anyOf", "allOf", "oneOf", "prefixItems"}[r.IntN(4)]:             some,
		[]string{"items", "not", "if", "then", "additionalProperties"}[r.IntN(5)]: schemaOf(t, r, depth-1),
		"properties": map[string]any{"a": some[0], "b": some[1]},
	}
}

func compare(t *testing.T, schema, value any) {
	t.Helper()
	want, known := theirs(schema, value)
	got, ok := ours(schema, value)
	if ok != known {
		t.Errorf("%v: judged %t, by the library %t", schema, ok, known)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%v, %v (-want +got):\n%s", schema, value, diff)
	}
}

// Lists that are long, and whose members are not alike but mean the same.
func TestUnique(t *testing.T) {
	t.Parallel()
	const many = 100_000
	numbers := make([]string, many)
	for i := range numbers {
		numbers[i] = strconv.Itoa(i)
	}
	schema := opened(t, `{"uniqueItems": true}`)
	for text, want := range map[string]string{
		"[" + strings.Join(numbers, ",") + "]":                              "",
		"[" + strings.Join(numbers, ",") + ", 7.0]":                         ": items at 7 and 100,000 are equal",
		`["1", 1, true, "true", null, "null", [1], ["1"], {}, []]`:          "",
		`[1e999999999, 2, 1e999999999]`:                                     ": items at 0 and 2 are equal",
		`[{"a": 1, "b": [2]}, {"b": [2.0], "a": 1.00}, {"a": 1, "b": [2]}]`: ": items at 0 and 1 are equal",
	} {
		lines, ok := ours(schema, opened(t, text))
		if diff := cmp.Diff(want, strings.Join(lines, "\n")); diff != "" || !ok {
			t.Errorf("%.60s: %v\n%s", text, ok, diff)
		}
	}
}

// What is no schema, or says what is not known here, refuses nothing.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	for _, s := range []string{
		`null`, `1`, `{"type": 7}`, `{"type": "text"}`, `{"enum": 1}`, `{"$ref": "nowhere.json"}`, `{"$ref": "#/definitions/none"}`, `{"$ref": "#a"}`, `{"$ref": 1}`,
		`{"$ref": "#"}`, `{"pattern": "(?<=a)b"}`, `{"minimum": "1"}`, `{"minLength": -1}`, `{"minLength": "1"}`, `{"allOf": {}}`, `{"properties": []}`,
		`{"required": [1]}`, `{"contains": {}}`, `{"unevaluatedProperties": false}`, `{"anyOf": [{"contains": {}}, true]}`, `{"patternProperties": {"(?<=a)b": true}}`,
		`{"$id": "x", "$ref": "#"}`, `{"$ref": "%zz"}`,
	} {
		if found, err := misfit.Judge(opened(t, s), opened(t, `"b"`)); err == nil || found != nil {
			t.Errorf("%s: %v", s, found)
		}
	}
	if _, err := misfit.Plain(func() {}); err == nil {
		t.Error("a function is a value")
	}
}

func ExampleJudge() {
	schema, _ := misfit.Plain(map[string]any{"additionalProperties": map[string]any{"type": "integer"}})
	value, _ := misfit.Plain(map[string]any{"pages": "many"})
	found, _ := misfit.Judge(schema, value)
	fmt.Println(found[0].Path, found[0].Text())
	// Output: [pages] got string, want integer
}
