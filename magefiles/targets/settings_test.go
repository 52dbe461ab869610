//go:build unix

package targets

import (
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestSettingsAtWork has a real worker run what settings say: secrets that Prefect fills in when a run starts, and code that each run clones.
func TestSettingsAtWork(t *testing.T) { //nolint:tparallel // the steps build on each other
	t.Parallel()
	prerequisite.Python(t) // so that a bare `go test` does not install an environment
	l := newLab(t)
	l.through(t, []step{
		{"a block at run time", blockAtRunTime},
		{"a clone of the flow's own commit", clonedCode},
		{"a preview beside it", previewed},
	})
}

const secretive = `import os
from prefect import flow

@flow(name="secretive")
def secretive(folder: str = ""):
    assert os.environ["API_TOKEN"] == "k3pts4fe-block", "the block was not filled in"
    assert os.environ["STAGE"] == "blue", "the variable was not filled in"
    assert os.environ["DB_PASSWORD"] == "k3pts4fe-file", "the file was not read"
    assert not folder or os.getcwd() != folder, "this is no clone"
`

const secretiveSettings = `pause_schedules: false
secrets: {DB_PASSWORD: .flowmage/password}
env:
  API_TOKEN: "{{ prefect.blocks.secret.settings-token }}"
  STAGE: "{{ prefect.variables.settings_stage }}"
  DB_PASSWORD: "{{ $DB_PASSWORD }}"
`

// job gives the environment variables of a deployment's runs, as they are stored.
func (l *lab) job(t *testing.T, name string) map[string]any {
	t.Helper()
	for _, d := range l.deployments(t) {
		if d.Name == name {
			env, _ := d.JobVariables["env"].(map[string]any)
			return env
		}
	}
	t.Fatalf("there is no deployment %s", name)
	return nil
}

func blockAtRunTime(t *testing.T, l *lab) {
	l.run(t, 0, "env:up")
	server, _ := l.status(t)
	cmd := exec.CommandContext(t.Context(), filepath.Join(l.root, ".flowmage", "python", "bin", "python"), "-c", `
from prefect.blocks.system import Secret
from prefect.variables import Variable
Secret(value="k3pts4fe-block").save("settings-token")
Variable.set("settings_stage", "blue")
`)
	cmd.Env = slices.Concat(clean(), l.asking(t, server.URL), []string{"PREFECT_HOME=" + t.TempDir()})
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	l.edit(t, "flows/secretive/workflow.py", secretive)
	l.edit(t, "envs/dev.yaml", secretiveSettings)
	l.edit(t, ".flowmage/password", "k3pts4fe-file\n")
	a := l.run(t, 0, "flows:run", "secretive", "-timeout=3m")
	if !strings.HasPrefix(lastLine(a.stdout), "completed ") || strings.Contains(a.stdout+a.stderr, "k3pts4fe") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	want := map[string]any{
		"API_TOKEN": "{{ prefect.blocks.secret.settings-token }}", "STAGE": "{{ prefect.variables.settings_stage }}", "DB_PASSWORD": "k3pts4fe-file",
	}
	if diff := cmp.Diff(want, l.job(t, "secretive-python-dev")); diff != "" {
		t.Error(diff)
	}
}

// git runs git in the lab's folder.
func (l *lab) git(t *testing.T, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", append([]string{"-C", l.root, "-c", "user.name=a", "-c", "user.email=a@example.com"}, args...)...)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

func clonedCode(t *testing.T, l *lab) {
	origin := filepath.Join(t.TempDir(), "origin.git")
	l.edit(t, ".gitignore", "/.flowmage/\n/prefect.*.yaml\n__pycache__/\n/flows/*/output/\n")
	l.edit(t, "envs/dev.yaml", secretiveSettings+"code: {git: {branch: main, repository: \"file://"+origin+"\"}}\n")
	l.git(t, "init", "-q", "-b", "main")
	l.git(t, "init", "-q", "--bare", "-b", "main", origin)
	l.git(t, "remote", "add", "origin", origin)
	l.git(t, "add", "-A")
	l.git(t, "commit", "-qm", "first")
	if a := l.run(t, 3, "deploy:all", "-only=secretive"); !strings.Contains(a.stderr, "the remote has no branch main") {
		t.Error(a.stderr)
	}
	l.git(t, "push", "-q", "origin", "main")
	a := l.run(t, 0, "flows:run", "secretive", `-params={"folder": "`+l.root+`"}`, "-timeout=3m")
	if !strings.HasPrefix(lastLine(a.stdout), "completed ") {
		t.Errorf("%s\n%s", a.stdout, a.stderr)
	}
	// A commit that changes nothing of the flow changes nothing of its deployment; one that does must be pushed first.
	l.edit(t, "README.md", "x\n")
	l.git(t, "add", "-A")
	l.git(t, "commit", "-qm", "second")
	l.run(t, 0, "deploy:plan", "-only=secretive", "-exitcode")
	l.edit(t, "flows/secretive/workflow.py", secretive+"    print('more')\n")
	if a := l.run(t, 3, "deploy:all", "-only=secretive"); !strings.Contains(a.stderr, "has changes that are in no commit") {
		t.Error(a.stderr)
	}
	l.git(t, "commit", "-qam", "third")
	if a := l.run(t, 3, "deploy:all", "-only=secretive"); !strings.Contains(a.stderr, "is not on the remote") {
		t.Error(a.stderr)
	}
	l.git(t, "push", "-q", "origin", "main")
	if a := l.run(t, 10, "deploy:plan", "-only=secretive", "-exitcode"); !strings.Contains(a.stdout, "commit_sha") {
		t.Error(a.stdout)
	}
	l.run(t, 0, "deploy:all", "-only=secretive")
}

func previewed(t *testing.T, l *lab) {
	before := l.names(t)
	l.git(t, "checkout", "-qb", "feature/x")
	l.edit(t, "envs/dev.yaml", secretiveSettings)
	if a := l.run(t, 0, "env:preview", "up"); strings.Count(a.stdout, "created ") != 4 {
		t.Error(a.stdout)
	}
	l.run(t, 0, "env:preview", "clean", "-yes")
	if diff := cmp.Diff(before, l.names(t)); diff != "" {
		t.Error(diff)
	}
}
