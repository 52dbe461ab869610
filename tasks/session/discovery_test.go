//go:build linux || darwin

package session

import (
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/memory"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/tasks/trust"
)

const hiddenFlow = "from prefect import flow\n@flow\ndef f(): pass\n"

// liar is a repository with one flow, whose private folder says of the flow's file that nothing is in it.
func liar(t *testing.T) *Session {
	t.Helper()
	s, _ := repository(t, map[string]string{"flows/f.py": hiddenFlow, ".flowmage/log": ""})
	if err := os.Chmod(filepath.Join(s.Root, ".flowmage"), 0o700); err != nil {
		t.Fatal(err)
	}
	lie := memory.Encode([]memory.File{{Stamp: tree.Open(s.Root).Stamp("flows/f.py"), Text: memory.Of([]byte("another"))}}, programStamp())
	if err := os.WriteFile(filepath.Join(s.Root, ".flowmage", knownFiles), lie, 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// What is remembered counts where it is ours, and nowhere else: not in production, not from git, not in a stranger's repository.
func TestRemembered(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		env     config.Env
		prepare func(t *testing.T, s *Session)
		flows   int
	}{
		"ours":       {config.Env{Name: "dev"}, func(*testing.T, *Session) {}, 0},
		"production": {config.Env{Name: "prod"}, func(*testing.T, *Session) {}, 1},
		"guarded":    {config.Env{Name: "live", Guards: config.Guards{Confirm: true}}, func(*testing.T, *Session) {}, 1},
		"untrusted":  {config.Env{Name: "dev"}, func(_ *testing.T, s *Session) { s.stance = trust.Stance{Untrusted: true} }, 1},
		"tracked": {config.Env{Name: "dev"}, func(t *testing.T, s *Session) {
			t.Helper()
			for _, args := range [][]string{{"init", "-q"}, {"add", "-f", ".flowmage/" + knownFiles}} {
				if out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", s.Root}, args...)...).CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
			}
			s.Git = git.Open(s.Root)
		}, 1},
		"a link": {config.Env{Name: "dev"}, func(t *testing.T, s *Session) {
			t.Helper()
			at := filepath.Join(s.Root, ".flowmage")
			if err := os.Rename(at, at+".old"); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(".flowmage.old", at); err != nil {
				t.Fatal(err)
			}
		}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := liar(t)
			x.prepare(t, s)
			result, err := Discover(t.Context(), s, x.env, flow.Options{})
			if err != nil || len(result.Flows) != x.flows {
				t.Errorf("%d flows, %v", len(result.Flows), err)
			}
		})
	}
}

// A command leaves what it has found only where the private folder is there already, and nothing of a stranger's repository.
func TestRemembersWhere(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct{ folder, untrusted, left bool }{
		"no folder": {false, false, false}, "a folder": {true, false, true}, "untrusted": {true, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := repository(t, map[string]string{"core/plain.py": "x = 1\n"})
			s.stance = trust.Stance{Untrusted: x.untrusted}
			if x.folder {
				if err := os.Mkdir(filepath.Join(s.Root, ".flowmage"), 0o700); err != nil {
					t.Fatal(err)
				}
			}
			if _, err := Discover(t.Context(), s, config.Env{Name: "dev"}, flow.Options{}); err != nil {
				t.Fatal(err)
			}
			_, err := os.Stat(filepath.Join(s.Root, ".flowmage", knownFiles))
			if diff := cmp.Diff(x.left, err == nil); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Commands that remember at the same time leave a whole memory.
func TestRememberTogether(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, map[string]string{"core/plain.py": "x = 1\n", ".flowmage/log": ""})
	var together sync.WaitGroup
	for range 8 {
		other := &Session{Root: s.Root, Environ: s.Environ, Console: s.Console, Git: s.Git}
		together.Go(func() {
			if _, err := Discover(t.Context(), other, config.Env{Name: "dev"}, flow.Options{}); err != nil {
				t.Error(err)
			}
		})
	}
	together.Wait()
	data, err := os.ReadFile(filepath.Join(s.Root, ".flowmage", knownFiles))
	if err != nil || !memory.New(data, programStamp()).Holds(memory.Of([]byte("x = 1\n"))) {
		t.Error("nothing is remembered", err)
	}
}
