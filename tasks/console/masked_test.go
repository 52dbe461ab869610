package console

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Where there are colours, ours pass and end with what was written; others are dropped.
func TestColors(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	q := &quiet{to: &out, inert: inert{colors: true}}
	for _, piece := range []string{"\x1b[31mred", "\x1b[8mhidden", "\x1b[32mgreen\x1b[0m."} {
		if _, err := q.Write([]byte(piece)); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff("\x1b[31mred\x1b[0mhidden\x1b[32mgreen\x1b[0m.", out.String()); diff != "" {
		t.Error(diff)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

// A result that could not be written is told of, unless its reader had enough.
func TestLost(t *testing.T) {
	t.Parallel()
	for wrong, want := range map[error]error{syscall.ENOSPC: syscall.ENOSPC, syscall.EPIPE: nil} {
		c := New(failing{wrong}, &bytes.Buffer{})
		c.Printf("x\n")
		c.results.w = failing{syscall.EIO}
		c.Printf("y\n")
		if got := c.Lost(); !errors.Is(got, want) {
			t.Errorf("%v, want %v", got, want)
		}
	}
}

// Only a yes is one, and what we draw ourselves shows no secret either.
func TestAnswers(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]bool{"y\n": true, " YES\n": true, "n\n": false, "": false, "yes, no\n": false} {
		var out bytes.Buffer
		c := New(&out, &out)
		c.ask, c.in = true, strings.NewReader(answer)
		if got, err := c.Confirm(t.Context(), "sure?"); got != want || err != nil {
			t.Errorf("%q: %v, %v", answer, got, err)
		}
		c.Hide("hunter22")
		if _, err := c.screen.Write([]byte("hunter22")); err != nil || strings.Contains(out.String(), "hunter22") {
			t.Errorf("%q, %v", out.String(), err)
		}
	}
}

// Whatever is hidden, JSON keeps its shape: only what stands in texts is masked, each text by itself.
func TestHiddenPiecesOfJSON(t *testing.T) {
	t.Parallel()
	given := map[string]any{
		"findings": []any{map[string]any{"code": "guard-changed", "severity": "error", "message": "a \"b\" <c>\n canary-1234"}, map[string]any{}},
		"numbers":  []any{12345678.0, true, nil, ""}, "canary-1234/x": "https://a:canary-1234@b", "words": []any{map[string]any{}, "canary_word"},
	}
	for _, hidden := range []string{
		"canary-1234", `"findings": [`, "severity", "guard-changed\",\n      \"message\"", "12345678", "},\n    {", `\"`, `": "`, "null", "code", "canary-1234\n",
	} {
		var out bytes.Buffer
		c := New(&out, &out)
		c.Hide("canary-1234")
		c.Hide("canary_word")
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
			"numbers":  []any{12345678.0, true, nil, ""}, mask + "/x": "https://a:" + mask + "@b", "words": []any{map[string]any{}, mask},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q:\n%s", hidden, diff)
		}
	}
}
