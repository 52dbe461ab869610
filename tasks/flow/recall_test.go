//go:build linux || darwin

package flow_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/memory"
	files "github.com/flowmage/flowmage/tasks/tree"
)

// tick is longer than the clock of a file system needs to go on.
const tick = 12 * time.Millisecond

// rememberer scans a folder again and again, as commands do.
type rememberer struct {
	folder string
	disk   []byte
	read   bool
}

func (r *rememberer) scan(t *testing.T, o flow.Options) flow.Result {
	t.Helper()
	m := memory.New(r.disk, "test")
	o.Recall = &flow.Recall{Memory: func() *memory.Memory { return m }, Read: r.read, Settled: time.Now().Add(-tick)}
	result, err := flow.Scan(t.Context(), flow.Folder(r.folder), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(result.Memory) > 0 {
		r.disk = memory.Encode(result.Memory, "test")
	}
	return result
}

// same compares with a scan that remembers nothing.
func (r *rememberer) same(t *testing.T, after string) {
	t.Helper()
	want, err := flow.Scan(t.Context(), flow.Folder(r.folder), flow.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, r.scan(t, flow.Options{}), cmpopts.IgnoreFields(flow.Result{}, "Library", "Memory")); diff != "" {
		t.Fatalf("after %s: %s", after, diff)
	}
}

// texts are of one length, so that a size tells nothing.
var texts = []string{
	"x = 1                                             \n", "from prefect import flow\n@flow\ndef f(): pass        \n", "def (                                             \n",
	"from m0 import task as t\n@t\ndef g(): pass          \n", "from prefect import flow as task                  \n", "import m1, m2, m3                                 \n",
}

func path(folder string, r *rand.Rand) string {
	return filepath.Join(folder, []string{"", "part"}[r.IntN(2)], fmt.Sprintf("m%d.py", r.IntN(6)))
}

// edit does to a tree what people and tools do.
func edit(folder string, r *rand.Rand) (string, error) {
	one, other := path(folder, r), path(folder, r)
	text := []byte(texts[r.IntN(len(texts))])
	switch r.IntN(8) {
	case 0, 1:
		return "write", os.WriteFile(one, text, 0o600)
	case 2:
		info, err := os.Stat(one)
		if err != nil {
			return "none", nil //nolint:nilerr // nothing to edit
		}
		return "edit with the time set back", errors.Join(os.WriteFile(one, text, 0o600), os.Chtimes(one, info.ModTime(), info.ModTime()))
	case 3:
		return "rename", os.Rename(one, other)
	case 4:
		now := time.Now().Add(-time.Hour)
		return "touch", os.Chtimes(one, now, now)
	case 5:
		return "replace by a link", errors.Join(os.Remove(one), os.Symlink(other, one))
	case 6:
		swap := one + ".swap"
		return "swap", errors.Join(os.Rename(one, swap), os.Rename(other, one), os.Rename(swap, other))
	default:
		return "remove", os.Remove(one)
	}
}

// Whatever happens to a tree, a scan that remembers sees what one sees that reads all.
func TestRecallIsTheSame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		for _, read := range []bool{false, true} {
			t.Run(fmt.Sprint(seed, read), func(t *testing.T) {
				t.Parallel()
				random := rand.New(rand.NewPCG(seed, 7))
				r := &rememberer{folder: t.TempDir(), read: read}
				if err := os.Mkdir(filepath.Join(r.folder, "part"), 0o700); err != nil {
					t.Fatal(err)
				}
				for range 40 {
					what, err := edit(r.folder, random)
					if err != nil { // there is no such file, or a link that leads nowhere
						what += " that failed"
					}
					if random.IntN(2) == 0 { // else the change is fresh
						time.Sleep(2 * tick)
					}
					r.same(t, what)
				}
			})
		}
	}
}

// An edit that leaves size and time of the last write as they were is seen, because the system notes it.
func TestRecallSeesHiddenEdits(t *testing.T) {
	t.Parallel()
	r := &rememberer{folder: t.TempDir()}
	file := filepath.Join(r.folder, "m0.py")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		day := time.Unix(1_000_000_000, 0)
		if err := os.Chtimes(file, day, day); err != nil {
			t.Fatal(err)
		}
	}
	write(texts[0])
	time.Sleep(2 * tick)
	r.same(t, "the first write")
	if !r.unread(t, "m0.py") {
		t.Fatal("an unchanged file is read again")
	}
	write(texts[1])
	if r.unread(t, "m0.py") {
		t.Error("a changed file is not read")
	}
	r.same(t, "the edit")
}

// A file that may change within the same tick of the clock is not known by its looks, only by its text.
func TestRecallOfFreshFiles(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.py"), []byte(texts[0]), 0o600); err != nil {
		t.Fatal(err)
	}
	o := flow.Options{Recall: &flow.Recall{Memory: func() *memory.Memory { return nil }, Settled: time.Now().Add(-time.Hour)}}
	result, err := flow.Scan(t.Context(), flow.Folder(folder), o)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]memory.File{{Text: memory.Of([]byte(texts[0]))}}, result.Memory); diff != "" {
		t.Error(diff)
	}
}

// Where all is read, a memory that lies about looks deceives nobody.
func TestRecallThatReads(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "a.py"), []byte(texts[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	lie := memory.New(memory.Encode([]memory.File{{Stamp: files.Open(folder).Stamp("a.py"), Text: memory.Of([]byte(texts[0]))}}, "test"), "test")
	for read, want := range map[bool]int{true: 1, false: 0} {
		o := flow.Options{Recall: &flow.Recall{Memory: func() *memory.Memory { return lie }, Read: read, Settled: time.Now()}}
		result, err := flow.Scan(t.Context(), flow.Folder(folder), o)
		if err != nil {
			t.Fatal(err)
		}
		if len(result.Flows) != want {
			t.Errorf("read %v: %d flows", read, len(result.Flows))
		}
	}
}

// unread tells whether a file is known by its looks.
func (r *rememberer) unread(t *testing.T, name string) bool {
	t.Helper()
	_, known := memory.New(r.disk, "test").Unchanged(files.Open(r.folder).Stamp(name))
	return known
}
