package config

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/setting"
)

// mistake is a settings file with one mistake.
type mistake struct{ title, text string }

// mistakes gives three files for each setting that exists: of the wrong type, with the name misspelt, and in the wrong place. What stands
// below flows and in lists of mappings is among them.
func mistakes() []mistake {
	var out []mistake
	add := func(path []string, s setting.Spec) {
		name := path[len(path)-1]
		if wrong := wrongFor(s); wrong != "" {
			out = append(out, mistake{setting.Show(path) + ": type", nest(path, wrong)})
		}
		misspelt := setting.Below(path[:len(path)-1], name[:1]+"x"+name[1:])
		out = append(out, mistake{setting.Show(path) + ": name", nest(misspelt, rightFor(s))})
		other := "guards"
		if path[0] == other {
			other = "server"
		}
		out = append(out, mistake{setting.Show(path) + ": place", nest([]string{other, name}, rightFor(s))})
	}
	every(setting.All(), nil, add)
	return out
}

// every calls found for each setting with its path; names that the user chooses are x.
func every(s setting.Spec, path []string, found func([]string, setting.Spec)) {
	switch s.Form {
	case setting.Object:
		for _, name := range slices.Sorted(maps.Keys(s.Keys)) {
			found(setting.Below(path, name), s.Keys[name])
			every(s.Keys[name], setting.Below(path, name), found)
		}
	case setting.Named:
		if s.Each.Form == setting.Object {
			every(*s.Each, setting.Below(path, "x"), found)
		}
	case setting.List:
		if s.Each.Form == setting.Object {
			every(*s.Each, setting.Below(path, "[0]"), found)
		}
	default:
	}
}

func wrongFor(s setting.Spec) string {
	switch s.Form {
	case setting.Text, setting.Whole, setting.Truth, setting.Interval:
		return "[wrong]"
	case setting.List, setting.Named, setting.Object:
		return "wrong"
	default: // anything goes
		return ""
	}
}

// rightFor gives the value in a setting's example.
func rightFor(s setting.Spec) string {
	_, value, ok := strings.Cut(s.Example, ": ")
	if !ok || strings.HasPrefix(s.Example, "{") {
		return "{}"
	}
	return value
}

// nest writes a setting in lines, one level each, below a line of comment.
func nest(path []string, value string) string {
	var b strings.Builder
	b.WriteString("# one mistake\n")
	indent := ""
	for i, name := range path {
		if setting.IsIndex(name) {
			b.WriteString(indent + "-\n")
			indent += "  "
			continue
		}
		b.WriteString(indent + name + ":")
		if i == len(path)-1 {
			b.WriteString(" " + value)
		}
		b.WriteString("\n")
		indent += "  "
	}
	return b.String()
}

// TestBadFiles loads a file for each mistake that a setting invites, and compares what is told. Nothing may pass in silence, and everything
// has a line of the file and a fix.
func TestBadFiles(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	list := mistakes()
	for _, m := range list {
		root := fstest.MapFS{"envs/base.yaml": {Data: []byte("project: robots\n")}, "envs/dev.yaml": {Data: []byte(m.text)}, "flows/a.py": {}}
		_, findings, err := Load(Source{Root: root, Env: "dev", Folder: "/home/me/robots"})
		if err != nil {
			t.Fatalf("%s: %v", m.title, err)
		}
		fmt.Fprintf(&b, "### %s\n%s", m.title, strings.TrimPrefix(m.text, "# one mistake\n"))
		if !findings.HasErrors() {
			t.Errorf("%s: nothing is told of\n%s", m.title, m.text)
		}
		for _, f := range findings {
			if f.Position.File != "envs/dev.yaml" || f.Position.Line < 2 || f.Fix == "" {
				t.Errorf("%s: %s", m.title, f)
			}
			fix := f.Fix
			if known := strings.Index(fix, "known keys: "); known >= 0 {
				fix = fix[:known] + "known keys: …"
			}
			fmt.Fprintf(&b, "%s: %s [%s] %s\n", f.Position, f.Message, f.Code, fix)
		}
	}
	if len(list) < 200 {
		t.Errorf("only %d files", len(list))
	}
	const file = "testdata/bad.golden"
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}
