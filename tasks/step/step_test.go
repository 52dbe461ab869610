package step

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// inPython gives what a Python program prints as JSON for the texts. It skips the test when there is no Python.
func inPython(t *testing.T, program string, texts []string, out any) {
	t.Helper()
	python := prerequisite.Python(t)
	given, err := json.Marshal(texts)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), python, "-c", program)
	cmd.Stdin, cmd.Stderr = strings.NewReader(string(given)), os.Stderr
	got, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, out); err != nil {
		t.Fatal(err)
	}
}

// generated gives texts of characters that mean something to a shell.
func generated(size int) []string {
	r := rand.New(rand.NewPCG(3, 9))
	pieces := []string{"a", "b c", " ", "\t", "'", `"`, `\`, "$X", "${X}", "$$", "$", "#", "é", "|", "=", "", "''", `""`, `\"`, "$1", "${", "}"}
	out := []string{"", "  ", "git rev-parse --short HEAD", `echo "a b" 'c d' e\ f`, "echo # no comment", `"\$HOME"`, "'", `x\`}
	for range size {
		var b strings.Builder
		for range 1 + r.IntN(8) {
			b.WriteString(pieces[r.IntN(len(pieces))])
		}
		out = append(out, b.String())
	}
	return out
}

// TestSplitAsPython compares with shlex.split.
func TestSplitAsPython(t *testing.T) {
	t.Parallel()
	lines := generated(3000)
	var want [][]string
	inPython(t, `
import json, shlex, sys
def split(s):
    try:
        return shlex.split(s)
    except ValueError:
        return None
print(json.dumps([split(s) for s in json.load(sys.stdin)]))`, lines, &want)
	for i, line := range lines {
		got, err := split(line)
		if (err != nil) != (want[i] == nil) {
			t.Errorf("%q: %v; Python gives %q", line, err, want[i])
		} else if err == nil && !cmp.Equal(append([]string{}, got...), want[i]) {
			t.Errorf("%q: %q; Python gives %q", line, got, want[i])
		}
	}
}

// TestExpandAsPython compares with string.Template.
func TestExpandAsPython(t *testing.T) {
	t.Parallel()
	lines := generated(3000)
	var want []string
	inPython(t, `
import json, string, sys
print(json.dumps([string.Template(s).safe_substitute({"X": "1 2"}) for s in json.load(sys.stdin)]))`, lines, &want)
	for i, line := range lines {
		if got := expand(line, map[string]string{"X": "1 2"}); got != want[i] {
			t.Errorf("%q: %q; Python gives %q", line, got, want[i])
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, line := range generated(20) {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		words, err := split(line)
		if utf8.RuneCountInString(strings.Join(words, "")) > utf8.RuneCountInString(line) {
			t.Errorf("%q became %q, %v", line, words, err)
		}
	})
}
