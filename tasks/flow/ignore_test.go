package flow

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// ignored are ignore files of two folders, and the Python files that Git must agree on.
var ignored = map[string]string{
	".gitignore": "*.tmp.py\n/root_only.py\nbuild/\n!build/keep.py\ndocs/**/draft.py\n# comment\n\\#hash.py\n[ab].py\nx[!1].py\n**/deep.py\nsome/*\n!some/kept.py\n" +
		"trailing.py   \nspace\\ \nq?.py\n{c,d}.py\nall/**\n!all/again.py\na/**/z.py\nnotdir/\n\\!bang.py\nlone\n",
	"sub/.gitignore": "!a.py\nlocal.py\n/anchored.py\ninner/only.py\n",
}

var candidates = []string{
	"plain.py", "x.tmp.py", "sub/x.tmp.py", "root_only.py", "sub/root_only.py", "build/keep.py", "build/other.py", "sub/build/x.py",
	"docs/draft.py", "docs/a/draft.py", "docs/a/b/draft.py", "draft.py", "#hash.py", "a.py", "b.py", "c.py", "sub/a.py", "sub/b.py", "x1.py", "x2.py",
	"deep.py", "p/q/deep.py", "some/kept.py", "some/gone.py", "some/more/gone.py", "trailing.py", "q1.py", "q12.py", "{c,d}.py", "d.py",
	"all/again.py", "all/one.py", "all/in/two.py", "a/z.py", "a/b/z.py", "a/b/c/z.py", "notdir", "sub/local.py", "local.py", "sub/anchored.py",
	"sub/in/anchored.py", "sub/inner/only.py", "inner/only.py", "!bang.py", "lone/x.py", "sub/lone/x.py", "sub/in/lone.py",
}

func walked(t *testing.T, root fstest.MapFS) []string {
	t.Helper()
	var got []string
	w := &walk{ctx: t.Context(), root: root, listed: func(string, []fs.DirEntry) {}, emit: func(f foundFile) { got = append(got, f.name) }}
	if err := w.run(); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return got
}

// TestIgnoredAsByGit compares what a walk leaves out with what Git ignores.
func TestIgnoredAsByGit(t *testing.T) {
	t.Parallel()
	git := prerequisite.Program(t, "git")
	folder, root := t.TempDir(), fstest.MapFS{}
	put := func(name, text string) {
		root[name] = &fstest.MapFile{Data: []byte(text)}
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range ignored {
		put(name, text)
	}
	for _, name := range candidates {
		put(name, "")
	}
	run := func(stdin string, args ...string) string {
		cmd := exec.CommandContext(t.Context(), git, args...)
		cmd.Dir, cmd.Stdin = folder, strings.NewReader(stdin)
		cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null")
		out, err := cmd.Output()
		if err != nil && len(out) == 0 {
			t.Fatalf("git %v: %v", args, err)
		}
		return string(out)
	}
	run("", "init", "-q")
	out := run("", "-c", "core.quotePath=false", "ls-files", "-z", "--others", "--exclude-standard", "*.py")
	want := strings.FieldsFunc(out, func(r rune) bool { return r == 0 })
	want = slices.DeleteFunc(want, func(s string) bool { return !strings.HasSuffix(s, ".py") })
	slices.Sort(want)
	if diff := cmp.Diff(want, walked(t, root)); diff != "" {
		t.Errorf("from git (-) to ours (+):\n%s", diff)
	}
}

func TestPrefectignore(t *testing.T) {
	t.Parallel()
	root := fstest.MapFS{
		".prefectignore": {Data: []byte("scratch/\n*_old.py\n")}, "a.py": {}, "a_old.py": {}, "scratch/b.py": {}, "flows/c.py": {}, "flows/c_old.py": {},
		"sub/.prefectignore": {Data: []byte("*\n")}, "sub/d.py": {},
	}
	if diff := cmp.Diff([]string{"a.py", "flows/c.py", "sub/d.py"}, walked(t, root)); diff != "" {
		t.Error(diff)
	}
}

// Whatever an ignore file says, a walk ends.
func FuzzIgnore(f *testing.F) {
	for _, text := range ignored {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root := fstest.MapFS{".gitignore": {Data: []byte(text)}, "a/b/c.py": {}, "d.py": {}, "build/x.py": {}}
		if n := len(walked(t, root)); n > 3 {
			t.Error(n)
		}
	})
}

func TestForeign(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "a", "plain text of ascii only, longer than a word"} {
		if foreign([]byte(text)) {
			t.Errorf("%q", text)
		}
	}
	for _, text := range []string{"é", "12345678é", "1234567é", "é" + strings.Repeat("x", 100)} {
		if !foreign([]byte(text)) {
			t.Errorf("%q", text)
		}
	}
	if !mayHoldFlows(bytes.ToUpper([]byte("x"))) && !mayHoldFlows([]byte("from prefect import ﬂow")) {
		t.Error("a ligature spells flow too")
	}
}
