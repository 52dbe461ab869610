//go:build unix

package flow_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
)

const aFlow = "from prefect import flow\n@flow\ndef f(): pass\n"

// TestHostileTree reads a tree with everything that may hang or break a reader: it ends, each thing has its finding, and the flows are found.
func TestHostileTree(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name string, text []byte, mode os.FileMode) {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write("good.py", []byte(aFlow), 0o644)
	write("with spaces/and-dashes {{ x }}.py", []byte(strings.ReplaceAll(aFlow, "f()", "spaced()")), 0o644)
	write("line.py", []byte("x = '"+strings.Repeat("a", 100<<20)+"'\n"), 0o644)
	write("binary.py", []byte("\x7fELF\x02\x01\x01\x00flow\xff\xfe"), 0o644)
	write("noise.py", []byte("\xff\xfe\xfd flow \x80"), 0o644)
	write("locked.py", []byte(aFlow), 0)
	write("deep.py", []byte("flow = "+strings.Repeat("(", 100_000)), 0o644)
	must(unix.Mkfifo(filepath.Join(folder, "pipe.py"), 0o644))
	must(os.Mkdir(filepath.Join(folder, "folder.py"), 0o755))
	must(os.Symlink("round.py", filepath.Join(folder, "round.py")))
	must(os.Symlink(".", filepath.Join(folder, "loop")))
	must(os.Symlink("nowhere.py", filepath.Join(folder, "dangling.py")))
	must(os.Symlink("good.py", filepath.Join(folder, "link.py")))
	must(os.Mkdir(filepath.Join(folder, "closed"), 0))
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(folder, "closed"), 0o755) })
	r, err := flow.Scan(t.Context(), flow.Folder(folder), flow.Options{})
	must(err)
	var flows, findings []string
	for _, f := range r.Flows {
		flows = append(flows, f.Entrypoint)
	}
	for _, f := range r.Findings {
		if f.Code != "flow-name-duplicate" {
			findings = append(findings, f.Position.File+" "+f.Message)
		}
		if f.Severity != finding.Error {
			t.Errorf("%v", f)
		}
	}
	wantFlows := []string{"good.py:f", "link.py:f", "with spaces/and-dashes {{ x }}.py:spaced"}
	want := []string{
		"binary.py (unicode error) 'utf-8' codec can't decode byte 0xff",
		"dangling.py can't read it: no such file or directory",
		"deep.py too many nested parentheses",
		"line.py can't read it: it is larger than 16 MiB",
		"noise.py (unicode error) 'utf-8' codec can't decode byte 0xff",
		"pipe.py can't read it: it is no regular file, but a named pipe",
		"round.py can't read it: too many levels of symbolic links",
	}
	if os.Geteuid() != 0 { // root reads everything
		want = append(want, "closed can't read it: permission denied", "locked.py can't read it: permission denied")
	} else {
		wantFlows = []string{"good.py:f", "link.py:f", "locked.py:f", "with spaces/and-dashes {{ x }}.py:spaced"}
	}
	if diff := cmp.Diff(wantFlows, flows); diff != "" {
		t.Error(diff)
	}
	missing := map[string]bool{}
	for _, line := range want {
		missing[line] = true
	}
	for _, line := range findings {
		if !missing[line] {
			t.Errorf("unexpected: %s", line)
		}
		delete(missing, line)
	}
	if len(missing) > 0 {
		t.Errorf("missing: %v", missing)
	}
}

// What is named is looked into although it is hidden or ignored; links lead to it.
func TestPathsOnDisk(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	for _, name := range []string{"real/flows/a.py", ".hidden/b.py", "ignored/c.py", "globs/one/workflow.py", "globs/two/helper.py"} {
		path := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(aFlow), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(folder, ".gitignore"), []byte("ignored/\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("real/flows", filepath.Join(folder, "flows")); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"flows": "flows/a.py", ".hidden": ".hidden/b.py", "ignored": "ignored/c.py", "ignored/c.py": "ignored/c.py", "globs/*/workflow.py": "globs/one/workflow.py",
		"globs/t*": "globs/two/helper.py", "**/workflow.py": "globs/one/workflow.py",
	} {
		r, err := flow.Scan(t.Context(), flow.Folder(folder), flow.Options{Paths: []string{path}})
		if err != nil {
			t.Fatal(err)
		}
		if len(r.Flows) != 1 || r.Flows[0].File != want || len(r.Findings) > 0 {
			t.Errorf("%s: got %v, %v", path, r.Flows, r.Findings)
		}
	}
}
