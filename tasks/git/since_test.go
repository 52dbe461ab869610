package git

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSince(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	folder := func(name string) {
		if err := os.MkdirAll(filepath.Join(dir, name), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	folder("project/flows")
	folder("project/.flowmage")
	for _, name := range []string{"outside.py", "project/a.py", "project/b.py", "project/gone.py", "project/kept.py", "project/old.py"} {
		write(t, dir, name, name+"\n")
	}
	write(t, dir, ".gitignore", "*.log\n")
	run(t, dir, "add", "-A")
	run(t, dir, "commit", "-qm", "first")
	run(t, dir, "tag", "v1")
	run(t, dir, "checkout", "-qb", "topic")
	write(t, dir, "project/a.py", "committed\n")
	run(t, dir, "commit", "-qam", "second")
	run(t, dir, "checkout", "-q", "trunk")
	write(t, dir, "project/b.py", "of trunk alone\n")
	run(t, dir, "commit", "-qam", "third")
	run(t, dir, "checkout", "-q", "topic")
	write(t, dir, "outside.py", "changed\n")
	write(t, dir, "project/flows/näh\tnew\".py", "untracked\n")
	write(t, dir, "project/noise.log", "ignored\n")
	write(t, dir, "project/prefect.dev.yaml", "generated\n")
	write(t, dir, "project/.flowmage/files", "generated\n")
	run(t, dir, "rm", "-q", "project/gone.py")
	run(t, dir, "rm", "-q", "--cached", "project/kept.py")
	run(t, dir, "mv", "project/old.py", "project/new.py")
	r := Open(filepath.Join(dir, "project"), "prefect.*.yaml", ".flowmage/")
	got, err := r.Since(t.Context(), "trunk")
	if err != nil {
		t.Fatal(err)
	}
	if got.Base == "" {
		t.Error("no base")
	}
	got.Base = ""
	want := Difference{
		Changed: []string{"a.py", "flows/näh\tnew\".py", "gone.py", "kept.py", "new.py", "old.py"}, Gone: []string{"gone.py", "old.py"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for name, want := range map[string]error{"nobody": ErrNoCommit, "--output=x": ErrNoCommit, "HEAD:project/a.py": ErrNoCommit, "": ErrNoCommit} {
		if _, err := r.Since(t.Context(), name); !errors.Is(err, want) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if diff := cmp.Diff([]string{"HEAD", "topic", "trunk", "v1"}, r.Names(t.Context())); diff != "" {
		t.Error(diff)
	}
	if _, err := Open(t.TempDir()).Since(t.Context(), "HEAD"); !errors.Is(err, ErrNoRepository) {
		t.Errorf("outside of a repository: %v", err)
	}
	if names := Open(t.TempDir()).Names(t.Context()); names != nil {
		t.Errorf("names outside of a repository: %v", names)
	}
}
