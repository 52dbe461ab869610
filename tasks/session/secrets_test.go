package session

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/trust"
)

// Nobody edits what is printed by settings that say what is secret: not with pieces of our own output for values.
func TestSettingsHideNoneOfOurTexts(t *testing.T) {
	t.Parallel()
	list := finding.List{
		{Code: "guard-changed", Severity: finding.Warning, Position: finding.Position{File: "envs/prod.yaml", Line: 4}, Message: "guards.clean_tree is false here and true in origin/main, which counts", Fix: "none"},
		{Code: "wrong-type", Severity: finding.Error, Message: "a must be text"},
	}
	printed := func(t *testing.T, untrusted bool, values ...string) (text string, parsed any, hidden string) {
		t.Helper()
		root := t.TempDir()
		var lines strings.Builder
		lines.WriteString("project: x\nenv:\n")
		for i, v := range values {
			lines.WriteString("  API_TOKEN_" + strconv.Itoa(i) + ": " + strconv.Quote(v) + "\n")
		}
		for name, content := range map[string]string{"envs/base.yaml": lines.String(), "envs/dev.yaml": ""} {
			if err := os.MkdirAll(filepath.Join(root, "envs"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, name), []byte(content), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var out, said bytes.Buffer
		s := &Session{Root: root, Console: console.New(&out, &said), Git: git.Open(root), stance: trust.Stance{Untrusted: untrusted}}
		env, _, err := s.Settings(t.Context(), "dev", nil)
		if err != nil {
			t.Fatal(err)
		}
		HideSecrets(s, env)
		s.Console.Findings(list)
		if err := s.Console.JSON(map[string]any{"findings": list}); err != nil {
			t.Fatal(err)
		}
		s.Console.Flush()
		if err := json.Unmarshal(out.Bytes(), &parsed); err != nil {
			t.Fatalf("%v\n%s", err, out.String())
		}
		return said.String(), parsed, s.Console.Redacted("kept-4711-x")
	}
	hostile := []string{
		"[guard-changed]", "wrong-type\",\n \"severity\": \"err", "guard-changed", "envs/prod.yaml:4", "guards.clean_tree", "\"severity\": \"error\"", "is false here and true in", "kept-4711-x",
	}
	text, parsed, _ := printed(t, true)
	gotText, gotParsed, shown := printed(t, true, hostile...)
	if diff := cmp.Diff(text, gotText) + cmp.Diff(parsed, gotParsed); diff != "" || shown != "kept-4711-x" {
		t.Errorf("untrusted: %s\n%s", shown, diff)
	}
	gotText, gotParsed, shown = printed(t, false, hostile[1], hostile[5], hostile[6], hostile[7])
	if diff := cmp.Diff(text, gotText) + cmp.Diff(parsed, gotParsed); diff != "" || strings.Contains(shown, "4711") {
		t.Errorf("trusted: %s\n%s", shown, diff)
	}
}
