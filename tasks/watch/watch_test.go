package watch_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/watch"
)

func write(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, w *watch.Watcher) string {
	t.Helper()
	select {
	case path := <-w.Changed():
		return filepath.Base(path)
	case <-time.After(30 * time.Second):
		t.Fatal("no change was told")
		return ""
	}
}

// Sources count, also in folders that appear later; data, outputs and what Python keeps don't.
func TestWatch(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "flows", "a.py"))
	write(t, filepath.Join(root, "venv", "pyvenv.cfg"))
	w, err := watch.New(t.Context(), []string{root}, watch.Options{Counts: watch.Flows, Calm: 300 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(root, "flows", "report.json"))
	write(t, filepath.Join(root, "flows", "__pycache__", "b.py"))
	write(t, filepath.Join(root, ".git", "c.py"))
	write(t, filepath.Join(root, "venv", "lib", "e.py"))
	write(t, filepath.Join(root, "flows", "a.py"))
	if got := next(t, w); got != "a.py" {
		t.Error(got)
	}
	write(t, filepath.Join(root, "flows", "new", "d.py"))
	next(t, w)
	write(t, filepath.Join(root, "flows", "new", "d.py"))
	if got := next(t, w); got != "d.py" {
		t.Error(got)
	}
}

func TestNoFolder(t *testing.T) {
	t.Parallel()
	if _, err := watch.New(t.Context(), []string{filepath.Join(t.TempDir(), "none")}, watch.Options{Counts: watch.Flows, Calm: 300 * time.Millisecond}); err == nil {
		t.Error("no error")
	}
}
