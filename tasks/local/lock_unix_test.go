//go:build !windows

package local

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/flowmage/flowmage/tasks/fault"
)

func TestLockHeld(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	unlock, err := b.open().lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		_, err := b.open().Up(ctx, Wanted{})
		done <- err
	}()
	b.eventually("it tells that it waits", func() bool { return b.story.String() != "" })
	cancel()
	if err := <-done; fault.CodeOf(err) != fault.Interrupted {
		t.Errorf("got %v", err)
	}
	unlock()
	unlock, err = b.open().lock(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	unlock()
}

func TestUnwritable(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if err := os.WriteFile(filepath.Join(b.root, Folder), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := b.open().Up(t.Context(), Wanted{})
	if f, ok := err.(*fault.Error); !ok || f.What != "the folder of the embedded environment can't be used" || f.Next == "" { //nolint:errorlint // the very type
		t.Errorf("got %v", err)
	}
}
