package session

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/trust"
)

// The branch of a detached checkout is the one that the runner tells of this very commit: not where the work tree names one, not for a stranger's code, and
// not by what stands in a file.
func TestRunnerNamesTheBranch(t *testing.T) {
	t.Parallel()
	told := func(branch string) []string {
		return []string{"GITHUB_ACTIONS=true", "GITHUB_SHA=HEAD", "GITHUB_REF=refs/heads/" + branch}
	}
	type said struct{ Branch, By, Pull string }
	for name, x := range map[string]struct {
		detached, untrusted bool
		environ             []string
		want                said
	}{
		"detached":           {true, false, told("main"), said{"main", "GitHub Actions", ""}},
		"a pull request":     {true, false, append(told("main"), "GITHUB_HEAD_REF=topic"), said{"", "GitHub Actions", "topic"}},
		"on a branch":        {false, false, told("main"), said{"topic", "", ""}},
		"a stranger's":       {true, true, told("main"), said{}},
		"nobody says it":     {true, false, nil, said{}},
		"of another commit":  {true, false, append(told("main"), "GITHUB_SHA="+strings.Repeat("0", 40)), said{}},
		"names of a file":    {true, false, []string{"PATH=/bin"}, said{}},
		"the tree is silent": {true, false, []string{"GITHUB_ACTIONS=true", "GITHUB_REF=refs/heads/main"}, said{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := repository(t, map[string]string{"flows/f.py": hiddenFlow, ".env": "GITHUB_ACTIONS=true\nGITHUB_REF=refs/heads/main\nGITHUB_SHA=HEAD\n"})
			run := func(args ...string) string {
				out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", s.Root, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...).CombinedOutput()
				if err != nil {
					t.Fatalf("%v: %s", err, out)
				}
				return strings.TrimSpace(string(out))
			}
			run("init", "-q", "-b", "topic")
			run("add", "-A")
			run("commit", "-q", "-m", "first")
			if x.detached {
				run("checkout", "-q", "--detach")
			}
			head := run("rev-parse", "HEAD")
			s.Git, s.Environ, s.stance = git.Open(s.Root), nil, trust.Stance{Untrusted: x.untrusted}
			for _, pair := range x.environ {
				s.Environ = append(s.Environ, strings.Replace(pair, "=HEAD", "="+head, 1))
			}
			got := s.Commit(t.Context())
			if diff := cmp.Diff(x.want, said{got.Branch, got.By, got.Pull}); diff != "" || got.Commit != head {
				t.Error(diff, got)
			}
		})
	}
}
