package interpreter

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestRealUV fetches the pinned uv from an index, and has it install the locked environment and what a flow needs. TestReal of package local does
// so with pip, and goes on from there.
func TestRealUV(t *testing.T) {
	t.Parallel()
	prerequisite.Whole(t)
	root, story := t.TempDir(), &prerequisite.Buffer{}
	c := console.New(story, story)
	i := New(Options{Folder: folder.In(root, c, nil), Console: c, Environ: os.Environ(), Vacate: func(context.Context) error { return nil }})
	env, err := i.withFetchedUV(t.Context())
	if err != nil {
		if f, ok := errors.AsType[*fault.Error](err); ok && (strings.Contains(f.What, "package index is not reachable") || strings.Contains(f.What, "Python 3")) && !prerequisite.Everything() {
			t.Skip("no package index within reach, or no Python: " + f.What)
		}
		c.Fault(err)
		t.Fatal(story)
	}
	if m, _ := folder.ReadJSON[envMarker](i.markerPath()); m.Installer != "uv" {
		t.Errorf("%s has installed it\n%s", m.Installer, story)
	}
	if err := os.WriteFile(filepath.Join(root, "requirements.txt"), []byte("tabulate>=0.9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := i.Packages(t.Context(), env, []string{"requirements.txt"}); err != nil {
		c.Fault(err)
		t.Fatal(story)
	}
	if out, err := exec.CommandContext(t.Context(), env.Python, "-I", "-c", "import prefect, tabulate").CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// withFetchedUV is locked on a machine whose Python can't make virtual environments.
func (i *Installation) withFetchedUV(ctx context.Context) (Env, error) {
	if err := i.folder.Make(); err != nil {
		return Env{}, err
	}
	found, err := i.findInterpreter(ctx, false)
	if err != nil {
		return Env{}, err
	}
	if _, err := i.fetchUV(ctx, found); err != nil {
		return Env{}, err
	}
	return i.locked(ctx)
}
