package targets

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// oldName is a row of docs/old-names.md whose make name still works.
var oldName = regexp.MustCompile("(?m)^\\| `make ([a-z-]+)` \\| [^|]* \\| `([a-z:]+[^`]*)` \\|$")

// Every old name in the table leads to the target that stands beside it.
func TestOldNames(t *testing.T) {
	t.Parallel()
	prerequisite.Program(t, "make")
	root := filepath.Join("..", "..")
	page, err := os.ReadFile(filepath.Join(root, "docs", "old-names.md"))
	if err != nil {
		t.Fatal(err)
	}
	rows := oldName.FindAllStringSubmatch(string(page), -1)
	if len(rows) < 14 {
		t.Fatalf("%d rows", len(rows))
	}
	for _, row := range rows {
		// With -o the program counts as made; with -n nothing is run.
		args := []string{"-n", "-o", ".flowmage/bin/mage", row[1]}
		if strings.HasPrefix(row[2], "flows:run") {
			args = append(args, "FLOW_NAME=rpa1")
		}
		cmd := exec.CommandContext(t.Context(), "make", args...)
		cmd.Dir = root
		out, err := cmd.CombinedOutput()
		if err != nil || !strings.Contains(strings.ReplaceAll(string(out), "'", ""), ".flowmage/bin/mage "+row[2]) {
			t.Errorf("make %s: %v\n%s", row[1], err, out)
		}
	}
}
