package mend_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/mend"
)

func TestOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		text  string
		edits []finding.Edit
		want  string
		made  int
	}{
		"a word":                    {"a: 1\nshedules: []\n", []finding.Edit{edit(2, 1, "shedules", "schedules")}, "a: 1\nschedules: []\n", 1},
		"behind other characters":   {"é: {ünd: 1}\n", []finding.Edit{edit(1, 5, "ünd", "und")}, "é: {und: 1}\n", 1},
		"two of a line":             {"aa: {bb: 1}\n", []finding.Edit{edit(1, 1, "aa", "x"), edit(1, 6, "bb", "longer")}, "x: {longer: 1}\n", 2},
		"the same twice":            {"aa: 1\n", []finding.Edit{edit(1, 1, "aa", "x"), edit(1, 1, "aa", "x")}, "x: 1\n", 1},
		"two of one place":          {"aa: 1\n", []finding.Edit{edit(1, 1, "aa", "x"), edit(1, 1, "aa", "y")}, "x: 1\n", 1},
		"one within another":        {"aabb: 1\n", []finding.Edit{edit(1, 1, "aabb", "x"), edit(1, 3, "bb", "y")}, "aay: 1\n", 1},
		"a comment at the end":      {"x = 1  # note\ny = 2\n", []finding.Edit{edit(1, 8, "# note", "")}, "x = 1\ny = 2\n", 1},
		"a line of its own":         {"x = 1\n    # note\ny = 2\n", []finding.Edit{edit(2, 5, "# note", "")}, "x = 1\ny = 2\n", 1},
		"lines of Windows":          {"x = 1  # note\r\n# note\r\n", []finding.Edit{edit(1, 8, "# note", ""), edit(2, 1, "# note", "")}, "x = 1\r\n", 2},
		"the last line has no end":  {"aa", []finding.Edit{edit(1, 1, "aa", "b")}, "b", 1},
		"something else is there":   {"ab: 1\n", []finding.Edit{edit(1, 1, "aa", "b")}, "", 0},
		"no such line":              {"aa: 1\n", []finding.Edit{edit(7, 1, "aa", "b"), edit(0, 1, "aa", "b")}, "", 0},
		"no such column":            {"aa: 1\n", []finding.Edit{edit(1, 99, "aa", "b"), edit(1, 0, "aa", "b")}, "", 0},
		"what is not UTF-8 is kept": {"\xff: 1\naa: 1\n", []finding.Edit{edit(2, 1, "aa", "b")}, "\xff: 1\nb: 1\n", 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := mend.Of(findings(c.edits...), func(string) ([]byte, error) { return []byte(c.text), nil })
			var want []mend.Change
			if c.made > 0 {
				want = []mend.Change{{File: "f", Before: c.text, After: c.want, Edits: c.made}}
			}
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Error(diff, err)
			}
		})
	}
}

func edit(line, column int, old, now string) finding.Edit {
	return finding.At(finding.Position{File: "f", Line: line, Column: column}, old, now)
}

func findings(edits ...finding.Edit) finding.List {
	out := make(finding.List, 0, len(edits))
	for _, e := range edits {
		out = append(out, finding.Finding{Edit: e})
	}
	return out
}

func TestUnread(t *testing.T) {
	t.Parallel()
	_, err := mend.Of(findings(finding.At(finding.Position{File: "f", Line: 1, Column: 1}, "a", "b")), func(string) ([]byte, error) { return nil, fs.ErrPermission })
	if !errors.Is(err, fs.ErrPermission) {
		t.Error(err)
	}
}

func TestDiff(t *testing.T) {
	t.Parallel()
	c := mend.Change{File: "envs/dev.yaml", Before: "a: 1\nb: 2\nc: 3\n", After: "a: 1\nbb: 2\nc: 3\n"}
	if diff := cmp.Diff("--- envs/dev.yaml\n+++ envs/dev.yaml\n@@ -1,3 +1,3 @@\n a: 1\n-b: 2\n+bb: 2\n c: 3\n", c.Diff()); diff != "" {
		t.Error(diff)
	}
}

// FuzzOf: an edit changes nothing but the place it names.
func FuzzOf(f *testing.F) {
	f.Add("a: 1\nb: 2\n", 2, 1, "b", "c")
	f.Add("\xff\r\n", 1, 1, "\xff", "")
	f.Fuzz(func(t *testing.T, text string, line, column int, old, now string) {
		got, _ := mend.Of(findings(edit(line, column, old, now)), func(string) ([]byte, error) { return []byte(text), nil })
		for _, c := range got {
			if n := strings.Count(c.Before, "\n") - strings.Count(old, "\n") + strings.Count(now, "\n") - strings.Count(c.After, "\n"); n < 0 || n > 1 || !strings.Contains(text, old) {
				t.Errorf("%q becomes %q", c.Before, c.After)
			}
		}
	})
}
