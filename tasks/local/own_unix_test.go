//go:build !windows

package local

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
)

func TestOwnPython(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	metadata := filepath.Join(b.root, "venv", "prefect.dist-info")
	answers := func(prefect string) string {
		return "#!/bin/sh\necho x >>\"$FAKE_CALLS\"\necho 'flowmage|3.12.1|" + prefect + "|" + metadata + "'\n"
	}
	b.script("good", answers("3.8.7"))
	b.script("bare", answers(""))
	b.script("broken", "#!/bin/sh\nexit 1\n")
	own := func(program string) (pythonEnv, error) {
		l := b.open()
		l.python = program
		return l.lockedPython(t.Context())
	}
	for program, want := range map[string]string{
		"nothing": "nothing: can't use the Python that `python:` names: there is no such program",
		"./venv":  "./venv: can't use the Python that `python:` names: there is no such program",
		"bare":    "TOP/bin/bare: can't use the Python that `python:` names: Prefect is not installed in it",
		"broken":  "TOP/bin/broken: can't use the Python that `python:` names: it does not run as a Python 3",
	} {
		_, err := own(program)
		f, ok := err.(*fault.Error) //nolint:errorlint // the very type is what callers are promised
		if !ok || f.Code != fault.Usage || f.Next == "" {
			t.Errorf("%s: got %v", program, err)
			continue
		}
		f.Where = replaceTop(b, f.Where)
		if diff := cmp.Diff(want, f.Error()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", program, diff)
		}
	}
	before := b.count("x")
	for range 3 {
		env, err := own("good")
		if err != nil {
			t.Fatal(b.told(err))
		}
		if env.Prefect != "3.8.7" || !env.Own || env.Python != filepath.Join(b.path, "good") {
			t.Errorf("got %+v", env)
		}
	}
	if asked := b.count("x") - before; asked != 1 {
		t.Errorf("asked %d times", asked)
	}
	// Another Prefect was installed: its metadata folder has changed.
	write(t, filepath.Join(metadata, "METADATA"), "")
	if _, err := own("good"); err != nil || b.count("x")-before != 2 {
		t.Errorf("not asked again: %v", err)
	}
	if exists(filepath.Join(b.root, Folder, "python")) {
		t.Error("an environment was installed beside the user's own")
	}
}

func replaceTop(b *bench, path string) string {
	if rest, err := filepath.Rel(filepath.Dir(b.path), path); err == nil && filepath.IsAbs(path) {
		return "TOP/" + rest
	}
	return path
}

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
