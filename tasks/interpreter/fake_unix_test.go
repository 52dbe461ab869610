//go:build !windows

package interpreter

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// fakePython is a shell script that answers as a Python does. pip says what %[2]s tells it to do.
const fakePython = `#!/bin/sh
echo "$*" >>"$FAKE_CALLS"
case "$*" in
*find_spec*) echo "flowmage|%[1]s|$0" ;;
*"-m venv"*) for dir; do :; done; /bin/mkdir -p "$dir/bin"; /bin/cp "$0" "$dir/bin/python" ;;
*"-m pip"*) %[2]s ;;
*"-m compileall"*) ;;
*) exit 3 ;;
esac
`

// bench is a repository with fakes on its PATH.
type bench struct {
	t     *testing.T
	root  string
	path  string // the folder on PATH
	calls string // what the fakes were called with, a line each
	story *prerequisite.Buffer
}

func newBench(t *testing.T) *bench {
	t.Helper()
	// Resolved, because that is how interpreters name themselves.
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		t: t, root: filepath.Join(top, "repo"), path: filepath.Join(top, "bin"), calls: filepath.Join(top, "calls"), story: &prerequisite.Buffer{},
	}
	for _, dir := range []string{b.root, b.path} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

// python puts a fake on PATH. about is version|venv|pip, as in 3.12.1|1|1.
func (b *bench) python(name, about, pip string) {
	b.t.Helper()
	b.script(name, fmt.Sprintf(fakePython, about, pip))
}

func (b *bench) script(name, text string) {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.path, name), []byte(text), 0o755); err != nil {
		b.t.Fatal(err)
	}
}

// open gives an installation as a new command would, with short limits.
func (b *bench) open() *Installation {
	c := console.New(b.story, b.story)
	i := New(Options{
		Folder: folder.In(b.root, c, nil), Console: c, Environ: []string{"PATH=" + b.path, "FAKE_CALLS=" + b.calls},
		Vacate: func(context.Context) error { return nil },
	})
	i.limits.stop = 2 * time.Second
	return i
}

// count gives how many calls had the text in them.
func (b *bench) count(text string) int {
	data, _ := os.ReadFile(b.calls)
	n := 0
	for line := range strings.Lines(string(data)) {
		if strings.Contains(line, text) {
			n++
		}
	}
	return n
}

// told gives all of an error, with this test's folder left out.
func (b *bench) told(err error) string {
	return strings.NewReplacer(b.root, "ROOT", filepath.Dir(b.path), "TOP").Replace(told(err))
}

// eventually waits for something that another process does.
func (b *bench) eventually(what string, holds func() bool) {
	b.t.Helper()
	for limit := time.Now().Add(20 * time.Second); !holds(); {
		if time.Now().After(limit) {
			b.t.Fatalf("it never happened: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
