package browser

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/session"
)

func quiet(environ ...string) *session.Session {
	return &session.Session{Environ: environ, Console: console.New(&bytes.Buffer{}, &bytes.Buffer{})}
}

func TestUnattended(t *testing.T) {
	t.Parallel()
	for variable, want := range map[string]bool{"CI=true": true, "BUILD_NUMBER=7": true, "CI=false": false, "CI=0": false, "CI=": false, "HOME=/x": false} {
		if got := Unattended(quiet(variable)); got != want {
			t.Errorf("%s: %t", variable, got)
		}
	}
}

// Under make the user may have no mage.
func TestProgram(t *testing.T) {
	t.Parallel()
	if s := quiet("MAKELEVEL=1"); programFor(s) != ".flowmage/bin/mage" || opener(s) != "make env-open" {
		t.Error(programFor(s), opener(s))
	}
	if s := quiet(); programFor(s) != "mage" || opener(s) != "mage env:open" {
		t.Error(programFor(s), opener(s))
	}
}

// A browser's program may end at once, well or not, before the browser it has called comes.
func TestArrival(t *testing.T) {
	t.Parallel()
	broken := errors.New("no display")
	for name, c := range map[string]struct {
		comes time.Duration
		ended error // of its program; it ends after a second
		lasts time.Duration
		fails bool
	}{
		"it comes":            {3 * time.Second, nil, 3 * time.Second, false},
		"its program fails":   {time.Hour, broken, time.Second, true},
		"it never comes":      {time.Hour, nil, comes, true},
		"it was there before": {0, nil, 0, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began, ended := time.Now(), make(chan error, 1)
				time.AfterFunc(time.Second, func() { ended <- c.ended })
				err := arrival(t.Context(), quiet(), func() bool { return time.Since(began) >= c.comes }, ended)
				if lasted := time.Since(began); lasted.Round(time.Second) != c.lasts || (err != nil) != c.fails || c.ended != nil && !errors.Is(err, c.ended) {
					t.Errorf("%v after %s", err, lasted)
				}
			})
		})
	}
}

func TestBrowser(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		system  string
		environ interpreter.Variables
		want    string
	}{
		"Linux":            {"linux", interpreter.Variables{"DISPLAY=:0"}, "xdg-open"},
		"Wayland":          {"linux", interpreter.Variables{"WAYLAND_DISPLAY=wayland-0"}, "xdg-open"},
		"a server":         {"linux", interpreter.Variables{"DISPLAY="}, "there is no desktop here"},
		"macOS":            {"darwin", nil, "open"},
		"macOS, elsewhere": {"darwin", interpreter.Variables{"SSH_CONNECTION=10.0.0.1 1 10.0.0.2 22"}, "this is a session on another machine"},
		"Windows":          {"windows", nil, "rundll32.exe url.dll,FileProtocolHandler"},
	} {
		argv, err := starter(c.system, c.environ)
		got := strings.Join(argv, " ")
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
