package plan

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/prefect"
)

func TestShared(t *testing.T) {
	t.Parallel()
	fields := func(n int) map[string]any {
		return map[string]any{
			"job": map[string]any{"env": map[string]any{"LEVEL": "info"}}, "list": []any{"a"},
			"schema": map[string]any{"count": map[string]any{"default": n}, "note": map[string]any{"type": "string"}},
		}
	}
	first := fields(1)
	second := shared(fields(2), first)
	if diff := cmp.Diff(fields(2), second); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(fields(1), first); diff != "" {
		t.Error(diff)
	}
	at := func(fields map[string]any, path ...string) uintptr {
		for _, k := range path {
			fields, _ = fields[k].(map[string]any)
		}
		return reflect.ValueOf(fields).Pointer()
	}
	for path, same := range map[string]bool{"job": true, "schema": false, "schema/note": true, "schema/count": false} {
		keys := strings.Split(path, "/")
		if got := at(first, keys...) == at(second, keys...); got != same {
			t.Errorf("%s is the same: %v", path, got)
		}
	}
}

// A schema is compared by what its text says, not by how it is written.
func TestSchemaCompared(t *testing.T) {
	t.Parallel()
	const want parameter.Text = `{"title":"Parameters","type":"object","properties":{"n":{"default":1.0,"position":0,"title":"n"}}}`
	for name, c := range map[string]struct {
		stored  string
		changed []string
	}{
		"the same":      {`{"type": "object", "properties": {"n": {"title": "n", "position": 0, "default": 1}}, "title": "Parameters"}`, nil},
		"a default":     {`{"title":"Parameters","type":"object","properties":{"n":{"default":2,"position":0,"title":"n"}}}`, []string{"parameter_openapi_schema.properties.n.default"}},
		"to the letter": {string(want), nil},
		"another type":  {`null`, []string{"parameter_openapi_schema"}},
	} {
		live, err := StoredFields(prefect.Deployment{ParameterSchema: json.RawMessage(c.stored)})
		if err != nil {
			t.Fatal(err)
		}
		write, changes := Compare(map[string]any{FieldSchema: want}, live)
		closed, err := storedFields(prefect.Deployment{ParameterSchema: json.RawMessage(c.stored)})
		if err != nil {
			t.Fatal(err)
		}
		_, same := Compare(map[string]any{FieldSchema: want}, closed)
		if diff := cmp.Diff(changes, same); diff != "" {
			t.Error(name, "closed (-opened +closed):", diff)
		}
		var got []string
		for _, x := range changes {
			got = append(got, x.Field)
		}
		if diff := cmp.Diff(c.changed, got); diff != "" {
			t.Error(name, diff)
		}
		if len(c.changed) > 0 != (write[FieldSchema] == any(want)) {
			t.Error(name, write)
		}
	}
}

// Numbers are compared by their value and sent with all their digits; a fraction stays one.
func TestNumbersCompared(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		want any
		sent string
		live string
		same bool
	}{
		{json.Number("18446744073709551616"), "18446744073709551616", "18446744073709551616", true},
		{json.Number("18446744073709551616"), "18446744073709551616", "18446744073709551615", false},
		{json.Number("18446744073709551616"), "18446744073709551616", "1.8446744073709552e+19", true},
		{json.Number("18446744073709551617"), "18446744073709551617", "1.8446744073709552e+19", false},
		{json.Number("-18446744073709551616"), "-18446744073709551616", "18446744073709551616", false},
		{9007199254740993, "9007199254740993", "9007199254740992", false},
		{9007199254740993, "9007199254740993", "9007199254740992.0", false},
		{9007199254740992.0, "9.007199254740992e+15", "9007199254740992.0", true},
		{1e20, "1e+20", "1e+20", true},
		{1e20, "1e+20", "100000000000000000000", true},
		{1.2345678901234568e20, "1.2345678901234568e+20", "123456789012345680000", false},
		{1e30, "1e+30", "1000000000000000019884624838656", true},
		{1.0, "1", "1.0", true},
		{uint64(1 << 63), "9223372036854775808", "9223372036854775808", true},
		{0.1, "0.1", "0.10000000000000000555", true},
	} {
		fields, err := canonical.Of(map[string]any{FieldParameters: map[string]any{"n": c.want}})
		if err != nil {
			t.Fatal(err)
		}
		if got := canonical.Compact(fields[FieldParameters]); got != `{"n":`+c.sent+`}` {
			t.Errorf("%v is sent as %s, want %s", c.want, got, c.sent)
		}
		live, err := StoredFields(prefect.Deployment{Parameters: map[string]any{"n": json.Number(c.live)}})
		if err != nil {
			t.Fatal(err)
		}
		if _, changes := Compare(fields, live); len(changes) == 0 != c.same {
			t.Errorf("%v beside %s: %v", c.want, c.live, changes)
		}
	}
}
