package flow

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"sync/atomic"
	"testing"
	"testing/fstest"
)

// ending is a tree in which a context ends when so many files or folders have been opened.
type ending struct {
	fs.FS

	left   atomic.Int64
	opened atomic.Int64
	end    context.CancelFunc
}

func (e *ending) Open(name string) (fs.File, error) {
	e.opened.Add(1)
	if e.left.Add(-1) == 0 {
		e.end()
	}
	return e.FS.Open(name)
}

// A scan ends with its context, wherever it is: in the walk, in the files, in the second pass, in what flows import.
func TestScanEnds(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{"core/__init__.py": {}, "core/deco.py": {Data: []byte("from prefect import flow as house\n")}}
	for i := range 400 {
		tree[fmt.Sprintf("flows/a%03d/b.py", i)] = &fstest.MapFile{Data: []byte("from core.deco import house\nimport core.x\n@house\ndef f(): pass\n")}
		tree[fmt.Sprintf("flows/a%03d/c.py", i)] = &fstest.MapFile{Data: fmt.Appendf(nil, "from prefect import flow\nimport flows.a%03d.d\n@flow\ndef f(): pass\n", (i+1)%400)}
		tree[fmt.Sprintf("flows/a%03d/d.py", i)] = &fstest.MapFile{Data: []byte("x = 1\n")}
	}
	all := &ending{FS: tree, end: func() {}}
	whole, err := Scan(t.Context(), all, Options{})
	if err != nil || len(whole.Flows) < 400 {
		t.Fatalf("%d flows: %v", len(whole.Flows), err)
	}
	total := all.opened.Load()
	for _, at := range []int64{1, 2, total / 10, total / 4, total / 2, 3 * total / 4, 9 * total / 10, total - 20} {
		ctx, cancel := context.WithCancel(t.Context())
		e := &ending{FS: tree, end: cancel}
		e.left.Store(at)
		if _, err := Scan(ctx, e, Options{}); !errors.Is(err, context.Canceled) {
			t.Errorf("ended at %d of %d: %v", at, total, err)
		}
		if more := e.opened.Load() - at; more > 64 {
			t.Errorf("ended at %d of %d, and %d more were opened", at, total, more)
		}
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Scan(ended, tree, Options{}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended before it began: %v", err)
	}
}
