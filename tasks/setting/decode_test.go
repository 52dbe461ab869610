package setting_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/setting"
)

type word string

type inner struct {
	Text *string        `koanf:"text"`
	Free map[string]any `koanf:"free"`
}

type outer struct {
	Words  []word         `koanf:"words"`
	By     map[word]inner `koanf:"by"`
	Whole  *int           `koanf:"whole"`
	Any    any            `koanf:"any"`
	Hidden string         `koanf:"-"`
	inner  `koanf:",squash"`
	added  []string
}

func (o *outer) Appends(keys []string) { o.added = keys }

func TestDecode(t *testing.T) {
	t.Parallel()
	var got outer
	err := setting.Decode(&got, map[string]any{
		"+words": []any{"a", "b"}, "by": map[string]any{"x": map[string]any{"text": "t"}}, "whole": 3, "any": []any{1}, "text": "u", "free": map[string]any{"+y": 1},
	})
	want := outer{
		Words: []word{"a", "b"}, By: map[word]inner{"x": {Text: new("t")}}, Whole: new(3), Any: []any{1},
		inner: inner{Text: new("u"), Free: map[string]any{"+y": 1}}, added: []string{"words"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(outer{})); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, wrong := range []map[string]any{
		{"unknown": 1}, {"-": "x"}, {"": "x"}, {"words": "a"}, {"words": []any{1}}, {"whole": "3"}, {"whole": 3.0}, {"by": []any{}}, {"by": map[string]any{"x": "y"}}, {"text": nil},
	} {
		if err := setting.Decode(&outer{}, wrong); err == nil {
			t.Errorf("%v was taken", wrong)
		}
	}
}
