//go:build unix

package image

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/fault"
)

// commandLine puts a script in docker's place.
func commandLine(t *testing.T, script string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "docker"), []byte("#!/bin/sh\n"+script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
}

func mounting(t *testing.T) Spec {
	t.Helper()
	s := specOf(t, map[string]string{"a": "1"})
	s.BuildKit, s.Text, s.Args = true, []byte("FROM x\nRUN --mount=type=cache,target=/x pip\n"), map[string]string{"TOKEN": "hidden"}
	return s
}

func TestBuildx(t *testing.T) {
	commandLine(t, `
case "$2" in version) exit 0 ;; esac
echo "$@" >&2
echo "value $TOKEN" >&2
tar t | grep -q .flowmage-build/Dockerfile || exit 9
while [ $# -gt 0 ]; do case "$1" in --iidfile) printf sha256:5678 >"$2" ;; esac; shift; done
`)
	var log bytes.Buffer
	id, err := WithBuildx(newShelf(), os.Environ()).Build(t.Context(), mounting(t), &log)
	if err != nil || id != "sha256:5678" {
		t.Fatal(id, err, log.String())
	}
	if line, _, _ := strings.Cut(log.String(), "\n"); strings.Contains(line, "hidden") || !strings.Contains(line, "--build-arg TOKEN") {
		t.Error(line)
	}
	if !strings.Contains(log.String(), "value hidden") {
		t.Error("the argument's value is not passed on")
	}
	plain := mounting(t)
	plain.BuildKit, plain.Bases = false, nil
	if id, err := WithBuildx(newShelf(), nil).Build(t.Context(), plain, io.Discard); id != "rpa1" || err != nil {
		t.Error("what does not need BuildKit goes elsewhere too", id, err)
	}
}

func TestBuildxFails(t *testing.T) {
	commandLine(t, `
case "$2" in version) exit 0 ;; esac
cat >/dev/null
printf '#5 ERROR\n------\n > [2/3] RUN pip install nothere:\n0.1 ERROR: no such package\n------\n' >&2
exit 1
`)
	_, err := WithBuildx(newShelf(), os.Environ()).Build(t.Context(), mounting(t), io.Discard)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || !strings.HasPrefix(f.Why, "[2/3] RUN pip install nothere\n") || !strings.Contains(f.Why, "no such package") {
		t.Errorf("%#v", err)
	}
}

func TestNoBuildx(t *testing.T) {
	commandLine(t, "exit 1\n")
	_, err := WithBuildx(newShelf(), os.Environ()).Build(t.Context(), mounting(t), io.Discard)
	f, ok := errors.AsType[*fault.Error](err)
	if !ok || f.Code != fault.Image || f.Why != "line 2 mounts" || !strings.Contains(f.Next, "buildx") {
		t.Errorf("%#v", err)
	}
}
