//go:build unix

package step_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/step"
)

func TestRun(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	if err := os.Mkdir(filepath.Join(root, "deep"), 0o755); err != nil {
		t.Fatal(err)
	}
	path := "PATH=" + os.Getenv("PATH")
	for name, c := range map[string]struct {
		step        manifest.Step
		out, errors string
	}{
		"no shell":  {manifest.Step{Script: "echo $HOME | cat # x\n\n  \necho 'a  b'"}, "$HOME | cat # x\na  b", ""},
		"shell":     {manifest.Step{Script: "echo one | tr o O; echo two >&2", Shell: true}, "One", "two"},
		"expand":    {manifest.Step{Script: "echo $WHO ${NOBODY} $$", Expand: true, Env: map[string]string{"WHO": "me"}}, "me ${NOBODY} $", ""},
		"env":       {manifest.Step{Script: "printenv WHO HOST", Env: map[string]string{"WHO": "me"}}, "me\nhere", ""},
		"directory": {manifest.Step{Script: "pwd", Directory: "deep"}, filepath.Join(root, "deep"), ""},
		"bytes":     {manifest.Step{Script: `printf 'a\377b'`}, "a\uFFFDb", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, errs, err := step.Run(t.Context(), c.step, step.Place{Root: root, Environ: []string{path, "HOST=here"}})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]string{c.out, c.errors}, []string{out, errs}); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		step manifest.Step
		want string
	}{
		"exit code":    {manifest.Step{ID: "build", Script: "sh -c 'echo broken >&2; exit 3'\ntouch never"}, "it ended with exit status 3: broken"},
		"no program":   {manifest.Step{Script: "no-such-program --x"}, `there is no program "no-such-program" in PATH`},
		"other PATH":   {manifest.Step{Script: "ls", Env: map[string]string{"PATH": "/nowhere"}}, `there is no program "ls" in PATH`},
		"no directory": {manifest.Step{Script: "ls", Directory: "/nowhere"}, "there is no folder /nowhere"},
		"open quote":   {manifest.Step{Script: "echo 'x"}, "a quote is not closed"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			root := t.TempDir()
			_, _, err := step.Run(t.Context(), c.step, step.Place{Root: root, Environ: []string{"PATH=" + os.Getenv("PATH")}})
			f, ok := err.(*fault.Error) //nolint:errorlint // the very type is promised
			if !ok || f.Why != c.want || f.Code != fault.Partial || f.Next == "" {
				t.Errorf("%#v", err)
			}
			if _, err := os.Stat(filepath.Join(root, "never")); err == nil {
				t.Error("the next line ran")
			}
		})
	}
}

// A streamed step is seen while it runs, another one not; and a cancelled one ends.
func TestEcho(t *testing.T) {
	t.Parallel()
	var echo bytes.Buffer
	place := step.Place{Root: t.TempDir(), Environ: []string{"PATH=" + os.Getenv("PATH")}, Echo: &echo}
	for _, s := range []manifest.Step{{Script: "echo loud", Stream: true}, {Script: "echo quiet"}} {
		if _, _, err := step.Run(t.Context(), s, place); err != nil {
			t.Fatal(err)
		}
	}
	if echo.String() != "loud\n" {
		t.Errorf("%q", echo.String())
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, _, err := step.Run(ctx, manifest.Step{Script: "sleep 60"}, place); err == nil || !strings.Contains(err.Error(), "context canceled") {
		t.Error(err)
	}
}
