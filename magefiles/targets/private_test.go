package targets

import (
	"io/fs"
	"os"
	"testing"
)

// private wants a file or folder to have a mode.
func private(t *testing.T, path string, want fs.FileMode) {
	t.Helper()
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != want {
		t.Errorf("%s: %v %v", path, info.Mode(), err)
	}
}
