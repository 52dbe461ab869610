package session

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/trust"
)

// Why the base is not known is said as it is, with what helps: there are other reasons than a shallow clone.
func TestBaseMissing(t *testing.T) {
	found, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	path := os.Getenv("PATH")
	for name, x := range map[string]struct {
		variable     string
		outside      bool
		message, fix string
	}{
		"shallow":       {"", false, "is not here, so every guard is on and nothing is ignored: origin/main: it names no commit", "git fetch --no-tags --depth=1 origin +refs/heads/main:refs/remotes/origin/main"},
		"another owner": {"GIT_TEST_ASSUME_DIFFERENT_OWNER=1", false, "which belongs to somebody else", "git config --global --add safe.directory ROOT"},
		"no repository": {"", true, "can't be read, so every guard is on and nothing is ignored: origin/main: the folder is in no git repository", "check the repository out with git"},
		"no git":        {"PATH=" + t.TempDir(), false, "the program git is not installed", "install git"},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			if !x.outside {
				if out, err := exec.CommandContext(t.Context(), found, "-C", root, "init", "-q").CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				}
			}
			t.Setenv("PATH", path)
			if variable, value, ok := strings.Cut(x.variable, "="); ok {
				t.Setenv(variable, value)
			}
			var said bytes.Buffer
			s := &Session{Root: root, Environ: []string{"FLOWMAGE_BASE=main"}, Console: console.New(&said, &said), Git: git.Open(root), stance: trust.Stance{Untrusted: true}}
			if b := s.mergeBase(t.Context()); b.Files != nil || len(b.missing) != 1 {
				t.Fatalf("%+v", b)
			}
			f := s.base.value.missing[0]
			if fix := strings.ReplaceAll(x.fix, "ROOT", root); !strings.Contains(f.Message, x.message) || !strings.HasPrefix(f.Fix, fix) {
				t.Error(f)
			}
		})
	}
}
