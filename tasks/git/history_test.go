package git

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// commit writes files, commits them and gives the hash.
func commit(t *testing.T, dir string, files ...string) string {
	t.Helper()
	for _, name := range files {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		old, _ := os.ReadFile(filepath.Join(dir, name)) // it may be new
		write(t, dir, name, string(old)+"x")
	}
	run(t, dir, "add", "-A")
	run(t, dir, "commit", "-qm", "change")
	return Open(dir).Facts(t.Context()).Commit
}

func TestHistory(t *testing.T) {
	t.Parallel()
	upstream, dir := t.TempDir(), repository(t)
	run(t, upstream, "init", "-q", "--bare", "-b", "trunk")
	run(t, dir, "remote", "add", "origin", upstream)
	a := commit(t, dir, "flows/a/w.py", "core/x.py", "flows/ä b.py")
	b := commit(t, dir, "flows/b/w.py")
	run(t, dir, "push", "-q", "origin", "trunk")
	commit(t, dir, "README.md")
	c := commit(t, dir, "core/x.py")
	sets := map[string][]string{
		"a": {"flows/a/w.py"}, "b": {"flows/b/w.py"}, "both": {"core/x.py", "flows/a/w.py"}, "odd": {"flows/ä b.py"}, "new": {"flows/new.py"},
	}
	h, err := Open(dir).History(t.Context(), sets, "trunk")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a": a, "b": b, "both": c, "odd": a}, h.Commits); diff != "" {
		t.Error(diff)
	}
	if !h.Unpushed[c] || h.Unpushed[a] || h.Unpushed[b] || h.Shallow || h.Prefix != "" || h.NoBranch {
		t.Errorf("%+v", h)
	}
	below, err := Open(filepath.Join(dir, "flows")).History(t.Context(), map[string][]string{"a": {"a/w.py"}}, "")
	if err != nil || below.Prefix != "flows/" || below.Commits["a"] != a {
		t.Errorf("below the top: %+v %v", below, err)
	}
	other, err := Open(dir).History(t.Context(), sets, "release")
	if err != nil || !other.NoBranch {
		t.Errorf("a branch that is not there: %+v %v", other, err)
	}
	run(t, dir, "branch", "feature/x")
	if branches, err := Open(dir).Branches(t.Context()); err != nil || !slices.Equal(branches, []string{"feature/x", "trunk"}) {
		t.Error(branches, err)
	}
	shallow := filepath.Join(t.TempDir(), "shallow")
	run(t, dir, "clone", "-q", "--depth=1", "file://"+upstream, shallow)
	few, err := Open(shallow).History(t.Context(), sets, "")
	if err != nil || !few.Shallow || few.Commits["a"] != b {
		t.Errorf("shallow: %+v %v", few, err)
	}
}

// What this tool renders is no change, whether git ignores it or not.
func TestGeneratedFilesAreNoChanges(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	commit(t, dir, "a.py", "b.py", "c d.py")
	write(t, dir, "prefect.dev.yaml", "x")
	if err := os.MkdirAll(filepath.Join(dir, ".flowmage"), 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, dir, ".flowmage/x", "x")
	r := Open(dir, "prefect.*.yaml", ".flowmage/")
	if f := r.Facts(t.Context()); f.Dirty || f.Changed != nil {
		t.Errorf("dirty: %+v", f)
	}
	write(t, dir, "a.py", "changed")
	run(t, dir, "mv", "b.py", "e.py")
	write(t, dir, "c d.py", "changed")
	write(t, dir, "new.py", "")
	f := r.Facts(t.Context())
	slices.Sort(f.Changed)
	if diff := cmp.Diff([]string{"a.py", "c d.py", "e.py", "new.py"}, f.Changed); diff != "" || !f.Dirty {
		t.Error(diff)
	}
	tracked, err := r.Tracked(t.Context(), "a.py", "new.py", "none.py")
	if diff := cmp.Diff(map[string]bool{"a.py": true}, tracked); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
