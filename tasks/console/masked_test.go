package console

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whatever is hidden, JSON keeps its shape: only what stands in texts is masked, each text by itself.
func TestHiddenPiecesOfJSON(t *testing.T) {
	t.Parallel()
	given := map[string]any{
		"findings": []any{map[string]any{"code": "guard-changed", "severity": "error", "message": "a \"b\" <c>\n canary-1234"}, map[string]any{}},
		"numbers":  []any{12345678.0, true, nil, ""}, "canary-1234/x": "https://a:canary-1234@b",
	}
	for _, hidden := range []string{
		"canary-1234", `"findings": [`, "severity", "guard-changed\",\n      \"message\"", "12345678", "},\n    {", `\"`, `": "`, "null", "code", "canary-1234\n",
	} {
		var out bytes.Buffer
		c := New(&out, &out)
		c.Hide("canary-1234")
		c.Hide(hidden)
		if err := c.JSON(given); err != nil {
			t.Fatal(err)
		}
		c.Printf("%s\n", "end")
		var got map[string]any
		text, ended := strings.CutSuffix(out.String(), "end\n")
		if err := json.Unmarshal([]byte(text), &got); err != nil || !ended {
			t.Fatalf("%q: %v\n%s", hidden, err, out.String())
		}
		want := map[string]any{
			"findings": []any{map[string]any{"code": "guard-changed", "severity": "error", "message": "a \"b\" <c>\n " + mask}, map[string]any{}},
			"numbers":  []any{12345678.0, true, nil, ""}, mask + "/x": "https://a:" + mask + "@b",
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q:\n%s", hidden, diff)
		}
	}
}
