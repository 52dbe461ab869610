//go:build unix

package targets

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/trust"
)

// looking are command lines that start nothing of a repository that is not trusted.
var looking = []string{
	"verify", "verify -env=dev", "verify:flows", "verify:flows -since=HEAD -format=sarif", "verify:rules", "verify:policies", "verify:policies -input", "verify:deployments", "verify:ui", "flows:list", "flows:list -json -all", "flows:show job", "flows:runs",
	"deploy:plan", "deploy:plan -strict -json", "deploy:status", "deploy:history", "env:show", "env:diff dev prod", "env:list", "env:images", "env:status", "env:logs", "env:version",
	"env:doctor", "env:preview list",
}

// strange is a repository whose files a stranger has written. Whatever of it is started leaves a mark.
type strange struct {
	*lab
	place string // for what lies outside of it
}

func newStrange(t *testing.T) *strange {
	t.Helper()
	place := t.TempDir()
	s := &strange{&lab{root: filepath.Join(place, "tree"), mage: program(t), environ: clean()}, place}
	s.put(t, "envs/base.yaml", "project: strange\n")
	s.put(t, "envs/dev.yaml", "")
	s.put(t, "envs/prod.yaml", "server: {url: http://127.0.0.1:9/api}\ncode: {directory: /srv}\n")
	s.put(t, "flows/job/workflow.py", "from pathlib import Path\nfrom prefect import flow\n\nPath(\""+s.mark("flow")+"\").touch()\n\n@flow\ndef job(size: int = len('abc')):\n    pass\n")
	s.git(t, "init", "-q", "-b", "main")
	s.git(t, "config", "user.email", "a@example.com")
	s.git(t, "config", "user.name", "a")
	s.commit(t)
	return s
}

func (s *strange) mark(name string) string { return filepath.Join(s.place, "mark-"+name) }

func (s *strange) put(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(s.root, name)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o700); err != nil {
		t.Fatal(err)
	}
}

// canary writes a program and gives its path: in the tree, or beside it with ../ in front.
func (s *strange) canary(t *testing.T, name string) string {
	t.Helper()
	s.put(t, name, "#!/bin/sh\n/usr/bin/env touch "+s.mark(filepath.Base(name))+"\nexit 1\n")
	return filepath.Join(s.root, name)
}

func (s *strange) git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-C", s.root}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func (s *strange) commit(t *testing.T) {
	t.Helper()
	s.git(t, "add", "-A")
	s.git(t, "commit", "-qm", "change")
}

// set gives a variable a value that names the tree.
func (s *strange) set(name, value string) {
	s.environ = append(s.environ, name+"="+value)
}

func (s *strange) marks(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(s.mark("*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// forget removes the marks that making the repository has left.
func (s *strange) forget(t *testing.T) {
	t.Helper()
	for _, mark := range s.marks(t) {
		if err := os.Remove(mark); err != nil {
			t.Fatal(err)
		}
	}
}

// do runs a program in the tree, whatever becomes of it, and gives what it said.
func (s *strange) do(t *testing.T, environ []string, line ...string) (string, int) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Dir, cmd.Env = s.root, slices.Concat(s.environ, environ)
	out, _ := cmd.CombinedOutput() // its code tells
	return string(out), cmd.ProcessState.ExitCode()
}

// snare lays one way's trap, and names the command that springs it where the repository is trusted. refused is the command of ours that would, and
// is refused otherwise; where there is one, its counterpart is what it would have started.
type snare struct {
	lay     func(t *testing.T, s *strange)
	spring  []string
	refused string
	alone   bool // it leaves no repository that others could use
}

const mageItself = "MAGE"

func local(pairs ...string) func(*testing.T, *strange) {
	return func(t *testing.T, s *strange) {
		t.Helper()
		for i := 0; i < len(pairs); i += 2 {
			s.git(t, "config", pairs[i], strings.ReplaceAll(pairs[i+1], "CANARY", s.canary(t, "../"+pairs[i])))
		}
	}
}

// differing has git compare a file's content through a filter.
func (s *strange) differing(t *testing.T, pattern, filter string) {
	t.Helper()
	attributes, _ := os.ReadFile(filepath.Join(s.root, ".gitattributes")) // there may be none yet
	s.put(t, pattern, "before")
	s.commit(t)
	s.put(t, ".gitattributes", string(attributes)+pattern+" filter="+filter+" diff="+filter+"\n")
	s.put(t, pattern, "behind")
}

// path puts a folder of the tree in front of PATH, with programs of well-known names in it.
func (s *strange) path(t *testing.T, folder string, names ...string) {
	t.Helper()
	for _, name := range names {
		s.canary(t, folder+"/"+name)
	}
	before := ""
	for _, pair := range s.environ {
		if value, ok := strings.CutPrefix(pair, "PATH="); ok {
			before = value
		}
	}
	s.set("PATH", filepath.Join(s.root, folder)+":"+folder+":"+before)
}

func snares(python string) map[string]snare {
	list := []string{mageItself, "flows:list", "-json"}
	doctor := []string{mageItself, "env:doctor"}
	status := []string{"git", "status", "--porcelain"}
	return map[string]snare{
		"schemas": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "envs/base.yaml", "project: strange\nschemas: python\n")
			s.set("FLOWMAGE_PYTHON", python)
		}, spring: list},
		"python": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.canary(t, "tools/own-python")
			s.put(t, "envs/dev.yaml", "schemas: python\npython: tools/own-python\n")
		}, spring: list, alone: true},
		"venv":     {lay: func(t *testing.T, s *strange) { t.Helper(); s.path(t, ".venv/bin", "python3") }, spring: doctor},
		"programs": {lay: func(t *testing.T, s *strange) { t.Helper(); s.path(t, "bin", "git", "docker", "uv", "go") }, spring: doctor},
		"a neighbour's programs": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.path(t, "tools", "git", "docker", "uv", "go")
			s.put(t, "project/envs/base.yaml", "project: strange\n")
			s.put(t, "project/envs/dev.yaml", "")
			s.root = filepath.Join(s.root, "project")
		}, spring: doctor, alone: true},
		"libraries": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "sitecustomize.py", "open('"+s.mark("site")+"', 'w')\n")
			s.set("PYTHONPATH", s.root)
		}, spring: []string{python, "-c", ""}},
		"home": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.set("HOME", filepath.Join(s.root, "home"))
			s.differing(t, "homely.txt", "homely")
			s.put(t, "home/.gitconfig", "[filter \"homely\"]\n\tclean = "+s.canary(t, "../homely")+"\n")
		}, spring: doctor},
		"toolchain": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "go.mod", "module x\n\ngo 1.99\n\ntoolchain go1.99.9\n")
			s.canary(t, "../outside/go1.99.9")
			s.set("GOTOOLCHAIN", "path")
			s.set("PATH", filepath.Join(s.place, "outside")+":"+os.Getenv("PATH"))
		}, spring: []string{"go", "version"}, alone: true},
		"backends": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "setup.py", "open('"+s.mark("setup")+"', 'w')\n")
			s.put(t, "flows/job/requirements.txt", "-e .\n")
			s.put(t, "pyproject.toml", "[build-system]\nrequires = []\nbuild-backend = \"setup\"\nbackend-path = [\".\"]\n")
		}, spring: []string{python, "setup.py"}, refused: "env:up"},
		"launcher": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "envs/dev.yaml", "job_variables: {command: uv run --script flows/job/workflow.py}\n")
		}, spring: []string{python, "flows/job/workflow.py"}, refused: "env:worker", alone: true},
		"dockerfiles": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "flows/job/Dockerfile", "FROM scratch\nRUN touch "+s.mark("docker")+"\n")
		}, spring: []string{"sh", "-c", "$(sed -n 's/^RUN //p' flows/job/Dockerfile)"}, refused: "deploy:build"},
		"images": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "envs/dev.yaml", "kinds: [container]\nimage: {base: 'python@sha256:"+strings.Repeat("a", 64)+"'}\n")
		}, spring: []string{python, "flows/job/workflow.py"}, refused: "verify:images"},
		"steps": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "prefect.yaml", "build:\n- prefect.deployments.steps.run_shell_script: {script: touch "+s.mark("step")+"}\ndeployments:\n- {name: x, entrypoint: 'flows/job/workflow.py:job', work_pool: {name: strange}}\n")
		}, spring: []string{"sh", "-c", "$(sed -n 's/.*{script: \\(.*\\)}$/\\1/p' prefect.yaml)"}, refused: "deploy:all -file=prefect.yaml"},
		"flows": {lay: func(*testing.T, *strange) {}, spring: []string{python, "flows/job/workflow.py"}, refused: "flows:run job"},

		"fsmonitor": {lay: local("core.fsmonitor", "CANARY"), spring: status},
		"hooks": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.canary(t, ".git/hooks/post-index-change")
			s.put(t, "flows/job/workflow.py", "from prefect import flow\n\n\n@flow\ndef job():\n    pass\n")
		}, spring: []string{"git", "add", "-A"}},
		"filters": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.differing(t, "filtered.txt", "filtered")
			local("filter.filtered.clean", "CANARY")(t, s)
		}, spring: status},
		"includes": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.differing(t, "included.txt", "included")
			s.put(t, ".more", "[filter \"included\"]\n\tclean = "+s.canary(t, "../included")+"\n")
			s.git(t, "config", "includeIf.onbranch:main.path", "../.more")
		}, spring: status},
		"diffs": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.differing(t, "shown.txt", "shown")
			local("diff.external", "CANARY", "diff.shown.textconv", "CANARY")(t, s)
		}, spring: []string{"git", "diff"}},
		"signatures": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			local("log.showSignature", "true", "gpg.program", "CANARY")(t, s)
			signedHead(t, s)
		}, spring: []string{"git", "log", "-1"}},
		"transports": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			local("remote.origin.url", "ext::CANARY", "remote.origin.promisor", "true", "extensions.partialClone", "origin", "core.repositoryFormatVersion", "1",
				"protocol.ext.allow", "always")(t, s)
			out, err := exec.Command("git", "-C", s.root, "rev-parse", "HEAD:envs").Output()
			if err != nil {
				t.Fatal(err)
			}
			id := strings.TrimSpace(string(out))
			if err := os.Remove(filepath.Join(s.root, ".git", "objects", id[:2], id[2:])); err != nil {
				t.Fatal(err)
			}
			s.set(trust.BaseVariable, "main")
			s.git(t, "update-ref", "refs/remotes/origin/main", "HEAD")
		}, spring: []string{"git", "log", "--name-only"}, alone: true},
		"pagers":     {lay: local("alias.look", "!CANARY"), spring: []string{"git", "look"}},
		"submodules": {lay: submodule, spring: status, alone: true},
		"bare": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			local("core.fsmonitor", "CANARY", "core.bare", "false", "core.worktree", s.root)(t, s)
			for _, name := range []string{"HEAD", "config", "objects", "refs"} {
				if err := os.Rename(filepath.Join(s.root, ".git", name), filepath.Join(s.root, name)); err != nil {
					t.Fatal(err)
				}
			}
			if err := os.RemoveAll(filepath.Join(s.root, ".git")); err != nil {
				t.Fatal(err)
			}
		}, spring: status, alone: true},
		"pointer": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.differing(t, "pointed.txt", "pointed")
			local("filter.pointed.process", "CANARY", "core.fsmonitor", "CANARY")(t, s)
			if err := os.Rename(filepath.Join(s.root, ".git"), filepath.Join(s.root, "elsewhere")); err != nil {
				t.Fatal(err)
			}
			s.put(t, ".git", "gitdir: elsewhere\n")
		}, spring: status, alone: true},
		"variables": {lay: func(t *testing.T, s *strange) {
			t.Helper()
			s.put(t, "envs/prod.yaml", "# changed\n")
			s.set("GIT_EXTERNAL_DIFF", s.canary(t, "tools/diff"))
			s.set("GIT_SSH_COMMAND", s.canary(t, "tools/ssh"))
		}, spring: []string{"git", "diff"}},
	}
}

func submodule(t *testing.T, s *strange) {
	t.Helper()
	s.git(t, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "./.git", "sub")
	s.commit(t)
	sub := &strange{&lab{root: filepath.Join(s.root, "sub")}, s.place}
	sub.git(t, "config", "core.fsmonitor", s.canary(t, "../sub-monitor"))
}

// signedHead makes the last commit one that claims to be signed.
func signedHead(t *testing.T, s *strange) {
	t.Helper()
	out, err := exec.Command("git", "-C", s.root, "cat-file", "commit", "HEAD").Output()
	if err != nil {
		t.Fatal(err)
	}
	head, message, _ := strings.Cut(string(out), "\n\n")
	cmd := exec.Command("git", "-C", s.root, "hash-object", "-t", "commit", "-w", "--stdin")
	cmd.Stdin = strings.NewReader(head + "\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----\n\n" + message)
	id, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	s.git(t, "reset", "-q", "--soft", string(bytes.TrimSpace(id)))
}

// TestWays walks the list of all that could start a program of a repository. Under -untrusted no looking command does, for each way alone and for
// all that go together; and each trap is sprung where that is allowed, so that none is there for show.
func TestWays(t *testing.T) {
	t.Parallel()
	prerequisite.Program(t, "git")
	python := prerequisite.Python(t)
	all := snares(python)
	together := newStrange(t)
	for _, w := range trust.Ways() {
		if _, ok := all[w.Key]; !ok {
			t.Errorf("there is no trap for %s", w.Name)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		x := all[key]
		if !x.alone {
			x.lay(t, together)
		}
		t.Run(key, func(t *testing.T) {
			t.Parallel()
			s := newStrange(t)
			x.lay(t, s)
			s.forget(t)
			for _, line := range []string{"flows:list -json -untrusted", "env:doctor -untrusted"} {
				out, code := s.do(t, nil, append([]string{s.mage}, strings.Fields(line)...)...)
				if found := s.marks(t); len(found) > 0 || code == 7 || !strings.Contains(out, "nothing of this repository is started") {
					t.Fatalf("%s, exit code %d: %v\n%s", line, code, found, out)
				}
			}
			if x.refused != "" {
				out, code := s.do(t, []string{"FLOWMAGE_UNTRUSTED=1"}, append([]string{s.mage}, strings.Fields(x.refused)...)...)
				if found := s.marks(t); len(found) > 0 || code != 7 {
					t.Fatalf("%s, exit code %d: %v\n%s", x.refused, code, found, out)
				}
			}
			line := slices.Clone(x.spring)
			if line[0] == mageItself {
				line[0] = s.mage
			}
			if out, _ := s.do(t, nil, line...); len(s.marks(t)) == 0 {
				t.Errorf("the trap can't be sprung: %v\n%s", line, out)
			}
		})
	}
	together.forget(t)
	for _, line := range looking {
		out, code := together.do(t, []string{"FLOWMAGE_UNTRUSTED=1"}, append([]string{together.mage}, strings.Fields(line)...)...)
		if found := together.marks(t); len(found) > 0 || code == 7 || code == 2 || !strings.Contains(out, "nothing of this repository is started") {
			t.Fatalf("%s, exit code %d: %v\n%s", line, code, found, out)
		}
		if line == "verify -env=dev" && !strings.Contains(out, "images are not looked into") {
			t.Errorf("%s never comes to the images\n%s", line, out)
		}
	}
}

// Every target that is not known only to look is refused, and leaves the tree as it was.
func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	known, err := signatures(sources)
	if err != nil {
		t.Fatal(err)
	}
	s := newStrange(t)
	harmless := map[string]bool{}
	for _, line := range looking {
		harmless[strings.Fields(line)[0]] = true
	}
	harmless["verify:all"], harmless["verify:watch"], harmless["env:preview"] = true, true, false // verify:watch never ends by itself
	lines := []string{"verify:deployments -smoke=job", "env:preview up", "env:preview clean -yes"}
	for name, target := range known {
		if !harmless[name] {
			words := []string{target.name}
			for range target.positional {
				words = append(words, "x")
			}
			lines = append(lines, strings.Join(words, " "))
		}
	}
	for _, line := range lines {
		out, code := s.do(t, []string{"FLOWMAGE_UNTRUSTED=1"}, append([]string{s.mage}, strings.Fields(line)...)...)
		if code != 7 || !strings.Contains(out, "the repository is not trusted; nothing was done") {
			t.Errorf("%s: exit code %d\n%s", line, code, out)
		}
	}
	if _, err := os.Stat(filepath.Join(s.root, ".flowmage")); err == nil {
		t.Error("something was written")
	}
}
