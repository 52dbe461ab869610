package targets

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// upToDate looks once whether a binary that was brought along is newer than all that it is made from: one that is not would be tested in place of
// what stands in the tree.
var upToDate = sync.OnceValue(func() error {
	return newerThanSources(os.Getenv("FLOWMAGE_TEST_MAGE"), os.DirFS(filepath.Join("..", "..")))
})

// newerThanSources gives an error for a binary that is older than a source, or a folder of sources, below root. A deleted file changes its
// folder's time.
func newerThanSources(binary string, root fs.FS) error {
	made, err := os.Stat(binary)
	if err != nil {
		return fmt.Errorf("the binary in FLOWMAGE_TEST_MAGE: %w", err)
	}
	return fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && !holdsSources(name):
			return fs.SkipDir
		case !d.IsDir() && !isSource(name), name == ".":
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.ModTime().After(made.ModTime()) {
			return fmt.Errorf("%s (%s) is older than %s (%s): run `make .flowmage/bin/mage`, or unset FLOWMAGE_TEST_MAGE",
				binary, made.ModTime().Format(time.StampMilli), name, info.ModTime().Format(time.StampMilli))
		}
		return nil
	})
}

// holdsSources and isSource tell what the Makefile compiles the tool anew for.
func holdsSources(folder string) bool {
	top, _, _ := strings.Cut(folder, "/")
	return (top == "." || top == "magefiles" || top == "tasks" || top == "templates") && path.Base(folder) != "testdata"
}

func isSource(file string) bool {
	if file == "go.mod" || file == "go.sum" {
		return true
	}
	name := path.Base(file)
	if !strings.Contains(file, "/") || strings.HasSuffix(name, "_test.go") || name == "mage_output_file.go" {
		return false
	}
	for _, folder := range []string{"templates/python/", "templates/pools/", "templates/scale/"} {
		if strings.HasPrefix(file, folder) {
			return true
		}
	}
	switch path.Ext(name) {
	case ".go", ".tmpl", ".py", ".txt", ".txtar":
		return true
	default:
		return false
	}
}

// A binary that is older than any of its sources is not run.
func TestOldBinaryIsNotRun(t *testing.T) {
	t.Parallel()
	made := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for file, counts := range map[string]bool{
		"go.mod": true, "go.sum": true, "tasks/plan/plan.go": true, "magefiles/magefile.go": true, "templates/prefect.yaml.tmpl": true,
		"templates/python/uv.lock": true, "templates/scale/values.yaml": true, "templates/pools/process.json": true, "tasks/local/serve.py": true,
		"tasks/plan/plan_test.go": false, "tasks/flow/testdata/x.py": false, "docs/deploy.md": false, "flows/rpa1/workflow.py": false, "magefiles/mage_output_file.go": false,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			binary := filepath.Join(root, "mage")
			full := filepath.Join(root, filepath.FromSlash(file))
			if err := os.MkdirAll(filepath.Dir(full), 0o755); err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{binary, full} {
				if err := os.WriteFile(name, nil, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			at := func(name string, when time.Time) {
				t.Helper()
				for dir := filepath.Dir(name); len(dir) > len(root); dir = filepath.Dir(dir) {
					if err := os.Chtimes(dir, made, made); err != nil {
						t.Fatal(err)
					}
				}
				if err := os.Chtimes(name, when, when); err != nil {
					t.Fatal(err)
				}
			}
			at(binary, made)
			at(full, made)
			if err := newerThanSources(binary, os.DirFS(root)); err != nil {
				t.Error("as old as its source:", err)
			}
			at(full, made.Add(time.Millisecond))
			if err := newerThanSources(binary, os.DirFS(root)); (err != nil) != counts {
				t.Errorf("older than %s: %v", file, err)
			}
		})
	}
}
