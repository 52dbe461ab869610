//go:build !windows

package targets

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// Whatever the compiler takes from this repository makes an older binary an old one, what is embedded included.
func TestSourcesAreKnown(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "mage", "-json=Dir,GoFiles,EmbedFiles,Standard,Module", "./magefiles")
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	looked := 0
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			Dir                 string
			GoFiles, EmbedFiles []string
			Module              struct{ Main bool }
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if !p.Module.Main {
			continue
		}
		for _, file := range append(p.GoFiles, p.EmbedFiles...) {
			name, err := filepath.Rel(root, filepath.Join(p.Dir, file))
			if err != nil {
				t.Fatal(err)
			}
			looked++
			if name = filepath.ToSlash(name); !isSource(name) && file != "mage_output_file.go" {
				t.Errorf("%s is compiled into the tool, and make does not know it", name)
			}
		}
	}
	if looked < 200 {
		t.Errorf("only %d files were looked at", looked)
	}
}

// makeSources is how make shows what it compiles the tool anew for.
var makeSources = regexp.MustCompile(`(?m)^sources := (.*)$`)

// make compiles the tool anew for the very files and folders that a test run refuses an older binary for: its advice mends that.
func TestMakeKnowsTheSources(t *testing.T) {
	t.Parallel()
	prerequisite.Program(t, "make")
	root := filepath.Join("..", "..")
	cmd := exec.CommandContext(t.Context(), "make", "-pnq", "-o", ".flowmage/bin/mage", "check")
	cmd.Dir = root
	cmd.Env = append(os.Environ(), "MAKEFLAGS=", "MAKELEVEL=")
	database, _ := cmd.Output() // -q says by its code that there is something to do
	found := makeSources.FindSubmatch(database)
	if found == nil {
		t.Fatalf("make shows no sources\n%s", database)
	}
	has := strings.Fields(string(found[1]))
	var want []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && !holdsSources(name):
			return fs.SkipDir
		case name != "." && strings.Contains(name, "/") && !d.IsDir() && isSource(name), name != "." && d.IsDir():
			want = append(want, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(has)
	slices.Sort(want)
	if diff := cmp.Diff(want, has); diff != "" {
		t.Errorf("(-tests +make):\n%s", diff)
	}
}

// Given a binary that is older than a source, the tests of whole commands stop, and say what mends it.
func TestOldBinaryStopsTheTests(t *testing.T) {
	t.Parallel()
	if os.Getenv("FLOWMAGE_COVER") != "" {
		t.Skip("the binary is compiled anew then")
	}
	old := filepath.Join(t.TempDir(), "mage")
	if err := os.WriteFile(old, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	made := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	if err := os.Chtimes(old, made, made); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), self, "-test.run", "^TestScripts$")
	cmd.Env = append(os.Environ(), "FLOWMAGE_TEST_MAGE="+old)
	out, err := cmd.CombinedOutput()
	if err == nil || !strings.Contains(string(out), "run `make .flowmage/bin/mage`, or unset FLOWMAGE_TEST_MAGE") || strings.Contains(string(out), "TestScripts/") {
		t.Errorf("%v\n%s", err, out)
	}
}
