package finding_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/finding"
)

func at(file string, line, column int) finding.Position {
	return finding.Position{File: file, Line: line, Column: column}
}

func TestSorted(t *testing.T) {
	t.Parallel()
	list := finding.List{
		{Code: "b", Position: at("b.py", 1, 0), Message: "m"},
		{Code: "a", Position: at("a.py", 9, 2), Message: "m", Severity: finding.Note},
		{Code: "a", Position: at("a.py", 9, 2), Message: "m", Severity: finding.Error},
		{Code: "a", Position: at("a.py", 9, 1), Message: "m"},
		{Code: "a", Position: at("a.py", 9, 1), Message: "m"},
		{Code: "a", Position: at("a.py", 2, 0), Message: "z"},
		{Code: "a", Position: at("a.py", 2, 0), Message: "m"},
	}
	want := finding.List{list[6], list[5], list[3], list[2], list[1], list[0]}
	first := list[0]
	if diff := cmp.Diff(want, list.Sorted()); diff != "" {
		t.Error(diff)
	}
	if list[0] != first {
		t.Error("the list itself was changed")
	}
	if list.Count(finding.Error) != 1 || !list.HasErrors() || finding.List(nil).HasErrors() {
		t.Error("miscounted")
	}
}

func TestString(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		finding finding.Finding
		want    string
	}{
		"short": {finding.Finding{Code: "c", Message: "wrong", Severity: finding.Warning}, "warning: wrong [c]"},
		"whole": {
			finding.Finding{
				Code: "c", Message: "wrong", Severity: finding.Error, Position: at("a.py", 3, 7), Subject: "rpa1", Why: "so", Fix: "do",
			},
			"a.py:3:7: error: rpa1: wrong [c]\n    why: so\n    fix: do",
		},
		"no column": {finding.Finding{Code: "c", Message: "w", Position: at("a.yaml", 3, 0)}, "a.yaml:3: note: w [c]"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, test.finding.String()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()
	got, err := json.Marshal(finding.Finding{Code: "c", Message: "m", Severity: finding.Error, Position: at("a.py", 3, 0)})
	if err != nil {
		t.Fatal(err)
	}
	want := `{"code":"c","severity":"error","position":{"file":"a.py","line":3},"message":"m"}`
	if string(got) != want {
		t.Errorf("got %s", got)
	}
}

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"dev", "staging", "prod", "rpa1", "rpa2"}
	for word, want := range map[string]string{
		"prd": "prod", "porduction": "", "stagin": "staging", "STAGING": "staging", "rpa": "rpa1", "x": "", "": "", "rpa1": "rpa1",
	} {
		t.Run(word, func(t *testing.T) {
			t.Parallel()
			if got := finding.Nearest(word, known); got != want {
				t.Errorf("%q: got %q, want %q", word, got, want)
			}
		})
	}
}

func TestFew(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		names, want []string
		more        string
	}{
		{nil, nil, ""}, {[]string{"a", "b"}, []string{"a", "b"}, ""}, {[]string{"a", "b", "c", "d"}, []string{"a", "b"}, " and 2 more"},
	} {
		got, more := finding.Few(test.names, 2)
		if diff := cmp.Diff(test.want, got); diff != "" || more != test.more {
			t.Errorf("%v: %s %q", test.names, diff, more)
		}
	}
}
