package session

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
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
			if b := mergeBase(t.Context(), s); b.Files != nil || len(s.baseMissing) != 1 {
				t.Fatalf("%+v %v", b, s.baseMissing)
			}
			f := s.baseMissing[0]
			if fix := strings.ReplaceAll(x.fix, "ROOT", root); !strings.Contains(f.Message, x.message) || !strings.HasPrefix(f.Fix, fix) {
				t.Error(f)
			}
		})
	}
}

// From the first moment on nothing that lies in an untrusted repository is found, by this process and all that it starts; a trusted one changes nothing.
func TestTakeStance(t *testing.T) {
	root := t.TempDir()
	for _, untrusted := range []string{"0", "1"} {
		t.Setenv("PATH", root)
		t.Setenv("DOCKER_CONFIG", root)
		s := &Session{Root: root, Git: git.Open(root), Environ: []string{"FLOWMAGE_UNTRUSTED=" + untrusted, "PATH=" + root, "DOCKER_CONFIG=" + root}}
		if err := takeStance(s); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"PATH", "DOCKER_CONFIG"} {
			here, _ := s.Environ.Lookup(name)
			if s.stance.Untrusted != (untrusted == "1") || (here != root) != s.stance.Untrusted || here != os.Getenv(name) {
				t.Errorf("%s: %+v, %s is %q and %q", untrusted, s.stance, name, here, os.Getenv(name))
			}
		}
		if (reflect.DeepEqual(s.Git, git.Open(root))) == s.stance.Untrusted {
			t.Error("git is asked as before")
		}
	}
}

// A repository that is not trusted starts nothing and says so; one that is trusted says nothing.
func TestRequireTrust(t *testing.T) {
	t.Parallel()
	var said bytes.Buffer
	s := &Session{Console: console.New(&said, &said)}
	s.SayUntrusted()
	if err := s.RequireTrust(); err != nil || said.Len() > 0 || s.Ignores(t.Context()) != nil {
		t.Errorf("trusted: %v %s", err, said.String())
	}
	s.stance = trust.Stance{Untrusted: true, Reason: "a fork's pull request"}
	s.SayUntrusted()
	if err := s.RequireTrust(); fault.CodeOf(err) != fault.Refused || !strings.Contains(err.Error(), s.stance.Reason) || !strings.Contains(said.String(), s.stance.Reason) {
		t.Errorf("untrusted: %v %s", err, said.String())
	}
}

// Without a base nothing is ignored, whatever the ignore files of the pull request say.
func TestNothingIgnoredWithoutBase(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, map[string]string{".gitignore": "flows/\n", ".prefectignore": "*\n"}, "FLOWMAGE_BASE=main")
	s.stance.Untrusted = true
	ignores := s.Ignores(t.Context())
	if ignores == nil {
		t.Fatal("its own files count")
	}
	for _, name := range []string{".gitignore", ".prefectignore"} {
		if text, err := fs.ReadFile(ignores, name); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
}

// Only files that may hold guards or ignores are taken from the base.
func TestGuarding(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bool{
		"envs/base.yaml": true, "envs/prod.yaml": true, "flow.yaml": true, "flows/a/flow.yaml": true, ".gitignore": true, "flows/.gitignore": true, ".prefectignore": true,
		"envs/deep/prod.yaml": false, "other/envs/prod.yaml": false, "envs/prod.yml": false, "flows/a/a.py": false, "flows/a/my.gitignore": false,
	} {
		if got := guarding(file); got != want {
			t.Errorf("%s: %v", file, got)
		}
	}
}
