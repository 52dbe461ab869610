package local

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/flowmage/flowmage/tasks/fault"
)

// A repository can bring a link along; nothing is written through it.
func TestLinkedFolder(t *testing.T) {
	t.Parallel()
	root, elsewhere := t.TempDir(), t.TempDir()
	if err := os.Symlink(elsewhere, filepath.Join(root, Folder)); err != nil {
		t.Fatal(err)
	}
	err := New(Options{Root: root}).EnsurePackages(t.Context(), nil)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Refused || f.What != ".flowmage is a link" {
		t.Errorf("got %v", err)
	}
	if entries, err := os.ReadDir(elsewhere); err != nil || len(entries) > 0 {
		t.Errorf("%v, %v", entries, err)
	}
}
