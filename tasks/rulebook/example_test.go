package rulebook_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/rulebook"
	"github.com/flowmage/flowmage/tasks/session"
)

// lacking are rules that neither an example nor a test of a server shows, and why. The list only gets shorter.
var lacking = map[string]string{
	"parameter-schema":   "every schema that is computed can be written as JSON: there is no flow that has it",
	"settings":           "what the reader lets through can be decoded: there is no file that has it",
	"trigger-metric":     "the triggers of tests are written for a server that takes them",
	"trigger-related":    "it wants a server before 3.4, and the tests of old servers have no triggers",
	"variable-ambiguous": "it is about variables of the process, which examples don't have",
}

// mostLacking is how many there were when it was last looked at.
const mostLacking = 5

// around is a repository with nothing wrong, in which the files of examples lie.
var around = map[string]string{
	"envs/base.yaml": "project: shop\n", "envs/dev.yaml": "",
	"flows/report/flow.py": "from prefect import flow\n\n@flow\ndef report(day: str = \"today\"):\n    pass\n",
}

// Each rule has an example, or a test that shows it.
func TestEveryRuleIsShown(t *testing.T) {
	t.Parallel()
	shown := rulebook.Elsewhere()
	for code := range rulebook.All() {
		_, example := rulebook.ExampleOf(code)
		test, live := shown[code]
		_, missed := lacking[code]
		if n := count(example, live, missed); n != 1 {
			t.Errorf("%s has %d of: an example in examples/, a test in elsewhere.go, a reason in this test's list", code, n)
		}
		if live && !there(test) {
			t.Errorf("%s: there is no %s", code, test)
		}
	}
	for _, code := range slices.Concat(slices.Collect(maps.Keys(shown)), slices.Collect(maps.Keys(lacking))) {
		if _, known := rulebook.All()[code]; !known {
			t.Errorf("there is no rule %s", code)
		}
	}
	if len(lacking) > mostLacking {
		t.Errorf("%d rules lack an example, there were %d", len(lacking), mostLacking)
	}
	files, err := filepath.Glob("examples/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if code := strings.TrimSuffix(filepath.Base(file), ".txtar"); rulebook.All()[code].Means == "" {
			t.Errorf("%s is of no rule", file)
		}
	}
}

func count(all ...bool) (n int) {
	for _, one := range all {
		if one {
			n++
		}
	}
	return n
}

// there tells whether a package has a test, or a script.
func there(name string) bool {
	folder, test, _ := strings.Cut(name, " ")
	if script, is := strings.CutPrefix(test, "TestScripts/"); is {
		_, err := os.Stat(filepath.Join("../..", folder, "testdata/script", script+".txtar"))
		return err == nil
	}
	files, _ := filepath.Glob(filepath.Join("../..", folder, "*_test.go"))
	return slices.ContainsFunc(files, func(file string) bool {
		data, err := os.ReadFile(file)
		return err == nil && bytes.Contains(data, []byte("\nfunc "+test+"(t *testing.T)"))
	})
}

// The bad files have just that finding, in the places that the example names. The good ones have none of it, and no error.
func TestExamples(t *testing.T) {
	t.Parallel()
	for code := range rulebook.All() {
		example, has := rulebook.ExampleOf(code)
		if !has {
			continue
		}
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			var places []string
			all := verified(t, example.Run, example.Bad)
			for _, f := range all {
				if f.Code == code {
					places = append(places, place(f.Position))
				}
			}
			if diff := cmp.Diff(strings.Split(example.At, ", "), places); diff != "" {
				t.Errorf("bad (-want +got):\n%s\n%s", diff, told(all))
			}
			if len(example.Good) == 0 {
				t.Error("there is nothing good")
			}
			left := verified(t, example.Run, example.Good).Where(func(f finding.Finding) bool { return f.Code == code || f.Severity == finding.Error })
			if len(left) > 0 {
				t.Errorf("good:\n%s", told(left))
			}
		})
	}
}

func place(at finding.Position) string {
	if at.Line == 0 {
		return at.File
	}
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}

func told(list finding.List) string {
	var b strings.Builder
	for _, f := range list {
		b.WriteString(f.String() + "\n")
	}
	return b.String()
}

// verified gives what mage verify:flows finds in files.
func verified(t *testing.T, flags string, files []rulebook.File) finding.List {
	t.Helper()
	root := t.TempDir()
	all := maps.Clone(around)
	for _, f := range files {
		if path.Ext(f.Name) == ".py" {
			delete(all, "flows/report/flow.py")
		}
	}
	for _, f := range files {
		all[f.Name] = f.Text
	}
	for name, text := range all {
		file := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	s := &session.Session{
		Root: root, Environ: []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}, Console: console.New(&out, &out), Git: git.Open(root), Rules: rulebook.All,
	}
	var o draft.Options
	for flag := range strings.FieldsSeq(flags) {
		name, value, _ := strings.Cut(flag, "=")
		switch name {
		case "-env":
			o.Env = value
		case "-file":
			o.File = value
		default:
			t.Fatalf("no example has the flag %s", flag)
		}
	}
	d, err := draft.From(t.Context(), s, o)
	if err != nil {
		t.Fatal(err)
	}
	return d.Findings.Sorted()
}
