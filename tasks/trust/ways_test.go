package trust

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// docs/security.md prints the lists as they are here. UPDATE=1 writes them anew.
func TestListIsPrinted(t *testing.T) {
	t.Parallel()
	page := filepath.Join("..", "..", "docs", "security.md")
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	got := string(text)
	for name, table := range map[string]string{
		"ways":   Table(Ways(), "what in the repository", "what would start it", "how it is shut off"),
		"beyond": Table(Beyond(), "out of reach", "what starts it", "what helps"),
	} {
		start, end := "<!-- "+name+": made by tasks/trust -->\n", "<!-- /"+name+" -->"
		before, rest, ok := strings.Cut(got, start)
		old, after, closed := strings.Cut(rest, end)
		if !ok || !closed {
			t.Fatalf("%s has no place for %s", page, name)
		}
		if old != table {
			if os.Getenv("UPDATE") == "" {
				t.Errorf("the list %s in docs/security.md is behind; UPDATE=1 go test ./tasks/trust", name)
			}
			got = before + start + table + end + after
		}
	}
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(page, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
