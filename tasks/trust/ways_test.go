package trust

import (
	"fmt"
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
		"ways":   tableOf(Ways(), "what in the repository", "what would start it", "how it is shut off"),
		"beyond": tableOf(beyond(), "out of reach", "what starts it", "what helps"),
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

// beyond lists what starts programs of the repository before this one runs, and is out of its reach.
func beyond() []Way {
	return []Way{
		{"make", "`Makefile`, `.ci/`", "`make`", "call the compiled tool itself"},
		{"tool", "`magefiles/`, `tasks/`, `go.mod`", "`go tool mage`, which compiles the tool from the repository", "compile it from the base branch: [verify](verify.md#pull-requests-of-strangers)"},
		{"workflow", "the workflow's own file, as `pull_request` and GitLab take it from the pull request", "the CI system", "keep secrets from such jobs, as both do by themselves"},
		{"others", "`.envrc`, editors' settings, shells' start files", "other tools", "none of ours"},
	}
}

// tableOf prints a list of ways for the documentation.
func tableOf(ways []Way, heads ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "| %s |\n|%s\n", strings.Join(heads, " | "), strings.Repeat(" --- |", len(heads)))
	for _, w := range ways {
		fmt.Fprintf(&b, "| %s | %s | %s |\n", w.Name, w.By, w.Off)
	}
	return b.String()
}
