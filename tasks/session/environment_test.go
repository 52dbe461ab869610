package session

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/ownership"
)

// repository writes files below a new root, and gives a session there and what it says.
func repository(t *testing.T, files map[string]string, environ ...string) (*Session, *bytes.Buffer) {
	t.Helper()
	root := t.TempDir()
	for name, text := range files {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	said := &bytes.Buffer{}
	return &Session{Root: root, Environ: append(environ, "HOME="+t.TempDir()), Console: console.New(said, said), Git: git.Open(root)}, said
}

// Settings with errors end the command before anything is done, those beside flows among them only where all settings are asked for.
func TestSettingsEndTheCommand(t *testing.T) {
	t.Parallel()
	const good = "project: shop\ncode: {directory: /srv/shop}\n"
	flowFile := "from prefect import flow\n\n\n@flow\ndef load():\n    pass\n"
	for name, x := range map[string]struct {
		files map[string]string
		code  fault.Code
		all   []string // codes of findings about all settings
	}{
		"good":       {map[string]string{"envs/base.yaml": good}, fault.OK, nil},
		"bad":        {map[string]string{"envs/base.yaml": good + "containers: perhaps\n"}, fault.Findings, []string{"value-bad"}},
		"bad beside": {map[string]string{"envs/base.yaml": good, "flows/load/load.py": flowFile, "flows/load/flow.yaml": "enabled: perhaps\n"}, fault.OK, []string{"type-wrong"}},
		"a bad flow": {map[string]string{"envs/base.yaml": good, "flows/load/load.py": "def (:\n"}, fault.OK, nil},
		"no YAML":    {map[string]string{"envs/base.yaml": good, "envs/dev.yaml": "a: [\n"}, fault.Findings, []string{"yaml-syntax"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, said := repository(t, x.files)
			if _, err := LoadEnv(t.Context(), s, "dev", nil); fault.CodeOf(err) != x.code {
				t.Errorf("%v\n%s", err, said)
			}
			_, findings, err := AllSettings(t.Context(), s, "dev")
			if err != nil {
				t.Fatal(err)
			}
			var codes []string
			for _, f := range findings {
				if f.Severity.String() == "error" {
					codes = append(codes, f.Code)
				}
			}
			if diff := cmp.Diff(x.all, codes); diff != "" {
				t.Errorf("%s\n%v", diff, findings)
			}
		})
	}
}

// Whoever deploys beside others uses the environment's pools; a preview leaves them as they are.
func TestOwnerOf(t *testing.T) {
	t.Parallel()
	for suffix, want := range map[string]ownership.Owner{
		"":                 {Project: "shop", Env: "dev", Home: "dev"},
		"-ann":             {Project: "shop", Env: "dev-ann", Home: "dev"},
		"-preview-feature": {Project: "shop", Env: "dev-preview-feature", Home: "dev", Guest: true},
		"-mypreview-x":     {Project: "shop", Env: "dev-mypreview-x", Home: "dev"},
	} {
		env := config.Env{Name: "dev"}
		env.Project, env.Suffix = "shop", suffix
		if diff := cmp.Diff(want, OwnerOf(env)); diff != "" {
			t.Errorf("%q:\n%s", suffix, diff)
		}
	}
}

// Requirements are those of the repository and of the flows that are asked for, each once; one that can't be read is left to who reads it.
func TestRequirements(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, map[string]string{
		"requirements.txt": "", "flows/a/requirements.txt": "", "flows/b/requirements.txt": "", "flows/c/requirements.txt/x": "", "pyproject.toml/x": "",
	})
	if err := os.MkdirAll(filepath.Join(s.Root, "flows/d"), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(t.TempDir(), filepath.Join(s.Root, "flows/d/requirements.txt")); err != nil {
		t.Skip(err) // not everybody may, on Windows
	}
	var flows []flow.Flow
	for _, file := range []string{"flows/a/one.py", "flows/a/two.py", "flows/c/one.py", "flows/d/one.py", "top.py"} {
		flows = append(flows, flow.Flow{File: file})
	}
	if diff := cmp.Diff([]string{"requirements.txt", "flows/a/requirements.txt", "flows/d/requirements.txt"}, Requirements(s, flows)); diff != "" {
		t.Error(diff)
	}
}

func TestNamesOfFiles(t *testing.T) {
	t.Parallel()
	root := filepath.Join(t.TempDir(), "shop")
	s := &Session{Root: root}
	beside := filepath.Join(filepath.Dir(root), "shopping", "x")
	for name, want := range map[string][2]string{
		"envs/dev.yaml":               {filepath.Join(root, "envs", "dev.yaml"), "envs/dev.yaml"},
		filepath.Join(root, "a", "b"): {filepath.Join(root, "a", "b"), "a/b"},
		beside:                        {beside, beside},
	} {
		if diff := cmp.Diff(want, [2]string{s.File(name), s.Relative(s.File(name))}); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

// A command that only looks starts no server, and in a stranger's repository none that would starts one either.
func TestConnectStartsNothing(t *testing.T) {
	t.Parallel()
	s, _ := repository(t, map[string]string{"envs/base.yaml": "project: shop\n"})
	env, _, err := s.Settings(t.Context(), "dev", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Connect(t.Context(), env, Access{}); fault.CodeOf(err) != fault.Server {
		t.Errorf("looking: %v", err)
	}
	s.stance.Untrusted = true
	if _, err := s.Connect(t.Context(), env, Access{Start: true}); fault.CodeOf(err) != fault.Refused {
		t.Errorf("starting: %v", err)
	}
	if _, err := os.Stat(filepath.Join(s.Root, ".flowmage")); err == nil {
		t.Error("it has made the folder")
	}
}
