package git

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// trap is a way in which a repository has git start a program. set gets the command that leaves a mark; spring is a question that falls for it.
type trap struct {
	set    func(t *testing.T, dir, command string)
	spring []string
}

func config(pairs ...string) func(*testing.T, string, string) {
	return func(t *testing.T, dir, command string) {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			run(t, dir, "config", pairs[i], strings.ReplaceAll(pairs[i+1], "COMMAND", command))
		}
	}
}

// touched makes git compare a file's content: it is as long as before, and younger.
func touched(t *testing.T, dir string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "a.py"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "a.py", strings.ToUpper(string(text)))
}

func filtered(name string, pairs ...string) func(*testing.T, string, string) {
	return func(t *testing.T, dir, command string) {
		t.Helper()
		write(t, dir, ".gitattributes", "*.py filter="+name+"\n")
		config(pairs...)(t, dir, command)
		touched(t, dir)
	}
}

func traps() map[string]trap {
	status := []string{"status", "--porcelain"}
	return map[string]trap{
		"fsmonitor":       {config("core.fsmonitor", "COMMAND"), status},
		"clean filter":    {filtered("x", "filter.x.clean", "COMMAND"), status},
		"process filter":  {filtered("x", "filter.x.process", "COMMAND", "filter.x.required", "true"), status},
		"filter's case":   {filtered("X.y", "FILTER.X.y.CLEAN", "COMMAND"), status},
		"filter included": {filtered("x", "include.path", "more"), status},
		"filter by branch": {func(t *testing.T, dir, command string) {
			t.Helper()
			filtered("x", "includeIf.onbranch:trunk.path", "more")(t, dir, command)
		}, status},
		"filter of a work tree": {func(t *testing.T, dir, command string) {
			t.Helper()
			config("extensions.worktreeConfig", "true")(t, dir, command)
			filtered("x")(t, dir, command)
			run(t, dir, "config", "--worktree", "filter.x.clean", command)
		}, status},
		"filter with = in its name": {filtered("a=b", "filter.a=b.clean", "COMMAND"), status},
		"attributes in .git": {func(t *testing.T, dir, command string) {
			t.Helper()
			write(t, filepath.Join(dir, ".git", "info"), "attributes", "* filter=x\n")
			config("filter.x.clean", "COMMAND")(t, dir, command)
			touched(t, dir)
		}, status},
		".git file": {func(t *testing.T, dir, command string) {
			t.Helper()
			filtered("x", "filter.x.clean", "COMMAND")(t, dir, command)
			if err := os.Rename(filepath.Join(dir, ".git"), filepath.Join(dir, "elsewhere")); err != nil {
				t.Fatal(err)
			}
			write(t, dir, ".git", "gitdir: elsewhere\n")
		}, status},
		"hook": {func(t *testing.T, dir, command string) {
			t.Helper()
			config("core.hooksPath", "hooks")(t, dir, command)
			program(t, filepath.Join(dir, "hooks", "post-index-change"), command)
			touched(t, dir)
			write(t, dir, "a.py", "a.pyx") // as it was, so that git wants to write that down
		}, status},
		"submodule": {func(t *testing.T, dir, command string) {
			t.Helper()
			run(t, dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./.git", "sub")
			run(t, dir, "commit", "-qm", "sub")
			sub := filepath.Join(dir, "sub")
			run(t, sub, "config", "core.fsmonitor", command)
			filtered("x", "filter.x.clean", "COMMAND")(t, sub, command)
		}, status},
		"signatures": {func(t *testing.T, dir, command string) {
			t.Helper()
			config("log.showSignature", "true", "gpg.program", "COMMAND")(t, dir, command)
			signed(t, dir)
		}, []string{"log", "-1"}},
		"transport": {func(t *testing.T, dir, command string) {
			t.Helper()
			config("remote.origin.url", "ext::COMMAND", "remote.origin.promisor", "true", "extensions.partialClone", "origin", "core.repositoryFormatVersion", "1",
				"protocol.ext.allow", "always")(t, dir, command)
			tree, err := exec.Command("git", "-C", dir, "rev-parse", "HEAD^{tree}").Output()
			if err != nil {
				t.Fatal(err)
			}
			id := strings.TrimSpace(string(tree))
			if err := os.Remove(filepath.Join(dir, ".git", "objects", id[:2], id[2:])); err != nil {
				t.Fatal(err)
			}
		}, []string{"log", "--name-only"}},
		"bare repository": {func(t *testing.T, dir, command string) {
			t.Helper()
			config("core.fsmonitor", "COMMAND", "core.bare", "false", "core.worktree", "..")(t, dir, command)
			for _, name := range []string{"HEAD", "config", "objects", "refs"} {
				if err := os.Rename(filepath.Join(dir, ".git", name), filepath.Join(dir, name)); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.RemoveAll(filepath.Join(dir, ".git")); err != nil {
				t.Fatal(err)
			}
		}, status},
		"alias": {config("alias.look", "!COMMAND"), []string{"look"}},
		"diff": {func(t *testing.T, dir, command string) {
			t.Helper()
			write(t, dir, ".gitattributes", "* diff=x\n")
			config("diff.external", "COMMAND", "diff.x.textconv", "COMMAND", "diff.x.command", "COMMAND")(t, dir, command)
			touched(t, dir)
		}, []string{"diff"}},
		"credentials": {config("credential.helper", "!COMMAND"), []string{"credential", "fill"}},
	}
}

// signed makes a commit that claims to be signed.
func signed(t *testing.T, dir string) {
	t.Helper()
	out, err := exec.Command("git", "-C", dir, "cat-file", "commit", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	head, message, _ := strings.Cut(string(out), "\n\n")
	cmd := exec.Command("git", "-C", dir, "hash-object", "-t", "commit", "-w", "--stdin")
	cmd.Stdin = strings.NewReader(head + "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n" + message)
	id, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	run(t, dir, "reset", "-q", "--soft", strings.TrimSpace(string(id)))
}

func program(t *testing.T, path, command string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexec "+command+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
}

// Nothing that a repository's configuration names is started by a question, though each of these traps can be sprung.
func TestNothingOfTheRepositoryIsStarted(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the traps are shell scripts")
	}
	for name, x := range traps() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			place := t.TempDir()
			mark, command := filepath.Join(place, "mark"), filepath.Join(place, "canary")
			program(t, command, "touch "+mark)
			dir := repository(t)
			write(t, dir, "more", "[filter \"x\"]\n\tclean = "+command+"\n")
			run(t, dir, "config", "core.trustctime", "false")
			commit(t, dir, "a.py", "envs/prod.yaml")
			if err := os.Rename(filepath.Join(dir, "more"), filepath.Join(dir, ".git", "more")); err != nil {
				t.Fatal(err)
			}
			x.set(t, dir, command)
			r := Open(dir).Untrusted()
			if err := r.bare(); (err != nil) != (name == "bare repository") {
				t.Error("taken for a bare repository:", err)
			}
			if _, err := r.ask(t.Context(), "rev-parse", "--git-dir"); name == "bare repository" && (err == nil || !strings.Contains(err.Error(), "is a bare repository, not a work tree")) {
				t.Error("asked all the same:", err)
			}
			f := r.Facts(t.Context())
			_, _ = r.History(t.Context(), map[string][]string{"a": {"a.py"}}, "")
			_, _ = r.Tracked(t.Context(), "a.py")
			_, _ = r.Branches(t.Context())
			_, _ = r.Snapshot(t.Context(), "HEAD", func(string) bool { return true })
			_, _ = r.Since(t.Context(), "HEAD")
			_ = r.Remote(t.Context())
			if _, err := os.Stat(mark); err == nil {
				t.Fatalf("it was started; %+v", f)
			}
			cmd := exec.Command("git", append([]string{"-C", dir}, x.spring...)...)
			cmd.Stdin = strings.NewReader("protocol=https\nhost=example.com\n\n")
			cmd.Env = append(os.Environ(), "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=true")
			out, _ := cmd.CombinedOutput() // it may well fail at what the canary answers
			if _, err := os.Stat(mark); err != nil {
				t.Errorf("the trap can't be sprung: git %v\n%s", x.spring, out)
			}
		})
	}
}

// A filter of an untrusted repository's is not run, and a file that differs still counts as changed; so does a submodule with changes inside.
func TestFactsWithoutFilters(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	commit(t, dir, "a.py")
	run(t, dir, "config", "filter.x.clean", "false")
	write(t, dir, ".gitattributes", "*.py filter=x\n")
	run(t, dir, "add", ".gitattributes")
	run(t, dir, "commit", "-qm", "attributes")
	off, err := Open(dir).Untrusted().filtersOff(t.Context())
	if diff := cmp.Diff("-c filter.x.clean= -c filter.x.smudge= -c filter.x.process= -c filter.x.required=false", strings.Join(off, " ")); diff != "" || err != nil {
		t.Error(diff, err)
	}
	if f := Open(dir).Untrusted().Facts(t.Context()); f.Dirty {
		t.Errorf("as it was: %+v", f)
	}
	touched(t, dir)
	run(t, dir, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./.git", "sub")
	run(t, dir, "commit", "-qm", "sub")
	write(t, filepath.Join(dir, "sub"), "new.py", "")
	if diff := cmp.Diff([]string{"a.py", "sub"}, Open(dir).Untrusted().Facts(t.Context()).Changed); diff != "" {
		t.Error(diff)
	}
}

// Where the configuration can't define a filter nobody is asked for them; whatever can't be told may define one.
func TestMayFilter(t *testing.T) {
	made := func(names ...string) Repository {
		dir := t.TempDir()
		for _, name := range names {
			path := filepath.Join(dir, ".git", name)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("[core]\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		return Open(dir)
	}
	large := made("config")
	if err := os.Truncate(filepath.Join(large.root, ".git", "config"), largestConfig+1); err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		r    Repository
		want bool
	}{
		"plain": {made("config"), false}, "none": {made("HEAD"), false}, "elsewhere": {made("config", "commondir"), true}, "a folder": {made("config/x"), true}, "large": {large, true},
	} {
		if got := x.r.mayFilter(); got != x.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	for _, name := range []string{"GIT_DIR", "GIT_COMMON_DIR"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "elsewhere")
			if !made("config").mayFilter() {
				t.Error("it may define filters")
			}
		})
	}
}

// A trusted repository keeps its filters, as git itself does: what Git LFS, git-crypt and nbstripout have cleaned is no change. They are named in
// the clone's own configuration, and so are they in a submodule's.
func TestCleanByFilter(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the filter is a shell script")
	}
	dir, filter := repository(t), filepath.Join(t.TempDir(), "filter")
	program(t, filter, `sed "s/$1/$2/"`)
	write(t, dir, ".gitattributes", "*.py filter=lfs\n")
	local := func(dir string) {
		t.Helper()
		config("filter.lfs.clean", filter+" large pointer", "filter.lfs.smudge", filter+" pointer large", "filter.lfs.required", "true")(t, dir, "")
	}
	local(dir)
	write(t, dir, "a.py", "large")
	run(t, dir, "add", ".")
	run(t, dir, "commit", "-qm", "large")
	place := t.TempDir()
	run(t, place, "clone", "-q", "--no-checkout", dir, "fresh")
	fresh := filepath.Join(place, "fresh")
	local(fresh)
	run(t, fresh, "checkout", "-q", "-f", "trunk")
	run(t, fresh, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", dir, "sub")
	sub := filepath.Join(fresh, "sub")
	local(sub)
	write(t, sub, "a.py", "")
	run(t, sub, "checkout", "-q", "a.py")
	run(t, fresh, "-c", "user.name=a", "-c", "user.email=a@example.com", "commit", "-qm", "sub")
	for _, name := range []string{"a.py", "sub/a.py"} {
		write(t, fresh, name, "large") // as checked out with the filter, and younger than git's index
		if err := os.Chtimes(filepath.Join(fresh, name), time.Unix(1, 0), time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	if f := Open(fresh).Facts(t.Context()); f.Dirty || f.Commit == "" {
		t.Errorf("trusted: %+v", f)
	}
	if diff := cmp.Diff([]string{"a.py", "sub"}, Open(fresh).Untrusted().Facts(t.Context()).Changed); diff != "" {
		t.Errorf("untrusted:\n%s", diff)
	}
	write(t, fresh, "a.py", "larger")
	if diff := cmp.Diff([]string{"a.py"}, Open(fresh).Facts(t.Context()).Changed); diff != "" {
		t.Errorf("changed:\n%s", diff)
	}
}

// Each barrier stands by itself, where another one would do too: what a question finds set, whatever the repository and its surroundings say.
func TestQuestionsAreQuiet(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	commit(t, dir, "a.py")
	r := Open(dir)
	for key, want := range map[string]string{
		"core.fsmonitor": "", "core.hooksPath": os.DevNull, "log.showSignature": "false", "safe.bareRepository": "explicit",
	} {
		run(t, dir, "config", key, "evil")
		if got, err := r.ask(t.Context(), "config", key); strings.TrimSpace(got) != want || err != nil {
			t.Errorf("%s is %q: %v", key, got, err)
		}
	}
	got := surroundings([]string{
		"PATH=/bin", "GIT_SSH_COMMAND=evil", "GIT_SSH=evil", "GIT_EXTERNAL_DIFF=evil", "GIT_ASKPASS=evil", "SSH_ASKPASS=evil", "GIT_PROXY_COMMAND=evil", "GIT_PAGER=evil",
		"GIT_EDITOR=evil", "GIT_SEQUENCE_EDITOR=evil", "GIT_ALLOW_PROTOCOL=ext", "GIT_NO_LAZY_FETCH=0", "GIT_TERMINAL_PROMPT=1", "LANGUAGE=de", "GIT_DIR=.git",
	})
	if diff := cmp.Diff([]string{"PATH=/bin", "GIT_DIR=.git", "GIT_ALLOW_PROTOCOL=none", "GIT_NO_LAZY_FETCH=1", "GIT_TERMINAL_PROMPT=0", "LANGUAGE=C"}, got); diff != "" {
		t.Error(diff)
	}
	index := filepath.Join(dir, ".git", "index")
	before, err := os.ReadFile(index)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chtimes(filepath.Join(dir, "a.py"), time.Unix(1, 0), time.Unix(1, 0)); err != nil { // git would note that it is the same
		t.Fatal(err)
	}
	r.Facts(t.Context())
	if after, err := os.ReadFile(index); err != nil || !bytes.Equal(before, after) {
		t.Error("a question has written the index", err)
	}
	run(t, dir, "status")
	if after, err := os.ReadFile(index); err != nil || bytes.Equal(before, after) {
		t.Error("git itself would not have written the index", err)
	}
}

// What stands in a commit is read as it is there, not as it lies in the work tree.
func TestSnapshot(t *testing.T) {
	t.Parallel()
	dir := repository(t)
	first := commit(t, dir, "envs/prod.yaml", "flows/a/flow.yaml", "flows/a/w.py")
	if err := os.Symlink("/etc/passwd", filepath.Join(dir, "envs", "link.yaml")); err != nil {
		t.Skip(err)
	}
	second := commit(t, dir, "envs/prod.yaml")
	write(t, dir, "envs/prod.yaml", "changed")
	yaml := func(path string) bool { return strings.HasSuffix(path, ".yaml") }
	for _, x := range []struct {
		dir, name, want string
	}{
		{dir, first, "envs/prod.yaml=x flows/a/flow.yaml=x"},
		{dir, "refs/heads/trunk", "envs/prod.yaml=xx flows/a/flow.yaml=x"},
		{dir, second, "envs/prod.yaml=xx flows/a/flow.yaml=x"},
		{filepath.Join(dir, "flows"), first, "a/flow.yaml=x"},
	} {
		files, err := Open(x.dir).Snapshot(t.Context(), x.name, yaml)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		err = fs.WalkDir(files, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := fs.ReadFile(files, path)
			got = append(got, path+"="+string(text))
			return err
		})
		if diff := cmp.Diff(x.want, strings.Join(got, " ")); diff != "" || err != nil {
			t.Errorf("%s: %v\n%s", x.name, err, diff)
		}
	}
	for _, name := range []string{strings.Repeat("0", 40), "refs/remotes/origin/main", "--help", ""} {
		if _, err := Open(dir).Snapshot(t.Context(), name, yaml); !errors.Is(err, ErrNoCommit) {
			t.Errorf("%q: %v", name, err)
		}
	}
}

// An answer that is not the object that was asked for, whole, is none.
func TestBlob(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		"aa blob 2\nxy\nrest": "xy", "bb blob 2\nxy\n": "", "aa tree 2\nxy\n": "", "aa missing\n": "", "aa blob\n": "", "aa blob -1\nxy\n": "", "aa blob 3\nxy\n": "", "aa blob x\nxy\n": "", "": "",
	} {
		if text, _, err := blob(answer, "aa"); text != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", answer, text, err)
		}
	}
}
