package git

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	run(t, dir, "init", "-q", "-b", "trunk")
	run(t, dir, "config", "user.email", "dev@example.com")
	run(t, dir, "config", "user.name", "Dev")
	return dir
}

func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", dir}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestFacts(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	r := Open(dir)
	if diff := cmp.Diff(Facts{Branch: "trunk"}, r.Facts(t.Context())); diff != "" {
		t.Errorf("empty repository (-want +got):\n%s", diff)
	}
	write(t, dir, "a.py", "a = 1\n")
	run(t, dir, "add", "a.py")
	run(t, dir, "commit", "-qm", "a")
	first := r.Facts(t.Context())
	if len(first.Commit) != 40 || first.Dirty || first.Branch != "trunk" {
		t.Errorf("after a commit: %+v", first)
	}
	write(t, dir, "b.py", "b = 1\n")
	if got := r.Facts(t.Context()); !got.Dirty || got.Short() != first.Commit[:9]+"-dirty" {
		t.Errorf("with an untracked file: %+v", got)
	}
	run(t, dir, "add", "b.py")
	run(t, dir, "commit", "-qm", "b")
	second := r.Facts(t.Context())
	if second.Commit == first.Commit || second.Dirty {
		t.Errorf("after the second commit: %+v", second)
	}
	run(t, dir, "checkout", "-q", "--detach")
	if got := r.Facts(t.Context()); got.Branch != "" || got.Commit != second.Commit {
		t.Errorf("detached: %+v", got)
	}
}

func TestNoRepository(t *testing.T) {
	t.Parallel()
	r := Open(filepath.Join(t.TempDir(), "missing"))
	if diff := cmp.Diff(Facts{}, r.Facts(t.Context())); diff != "" {
		t.Error(diff)
	}
	if _, err := r.History(t.Context(), nil, ""); err == nil {
		t.Error("History outside a repository succeeded")
	}
	if got := r.Remote(t.Context()); got != "" {
		t.Errorf("Remote = %q", got)
	}
}

func TestRemoteHidesCredentials(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"https://user:secret@example.com/team/flows.git": "https://example.com/team/flows.git",
		"https://example.com/team/flows.git":             "https://example.com/team/flows.git",
		"git@example.com:team/flows.git":                 "git@example.com:team/flows.git",
		"../flows":                                       "../flows",
	} {
		dir := repository(t)
		run(t, dir, "remote", "add", "origin", address)
		if got := Open(dir).Remote(t.Context()); got != want {
			t.Errorf("remote %s: got %q, want %q", address, got, want)
		}
	}
}
