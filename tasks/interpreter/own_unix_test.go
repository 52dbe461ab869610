//go:build !windows

package interpreter

import (
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
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
	own := func(program string) (Env, error) {
		i := b.open()
		i.own = program
		return i.locked(t.Context())
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
	if folder.Exists(filepath.Join(b.root, folder.Name, "python")) {
		t.Error("an environment was installed beside the user's own")
	}
}

func replaceTop(b *bench, path string) string {
	if rest, err := filepath.Rel(filepath.Dir(b.path), path); err == nil && filepath.IsAbs(path) {
		return "TOP/" + rest
	}
	return path
}
