package render_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/templates"
)

// spread renders an environment with pools of every kind. The names hold what Compose and YAML would read as something else.
func spread(t *testing.T, text string, own fstest.MapFS) ([]render.File, error) {
	t.Helper()
	env := environment(t, "code: {directory: /srv/shop}\npools: {python: {name: \"no: $HOME ${x} $(x) # y\"}}\n"+text)
	env.Pools["container"] = config.Pool{Name: "boxes", Type: "docker"}
	env.Pools["cluster"] = config.Pool{Name: "jobs", Type: "kubernetes"}
	env.Kinds = append(env.Kinds, "container", "cluster")
	return render.Spread(own, templates.FS, env, []string{"openpyxl>=3"})
}

// written puts rendered files into a folder.
func written(t *testing.T, files []render.File) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// judge compiles the checkers, which are a module of their own, and gives a function that runs them.
func judge(t *testing.T) func(t *testing.T, dir string, environ []string, args ...string) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "schemas")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	cmd.Dir = filepath.Join("..", "..", ".ci", "schemas")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return func(t *testing.T, dir string, environ []string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(context.WithoutCancel(t.Context()), program, args...)
		cmd.Dir, cmd.Env = dir, slices.Concat(environ, []string{"HOME=" + dir})
		out, err := cmd.CombinedOutput()
		if err != nil {
			return "refused: " + string(out)
		}
		return string(out)
	}
}

// TestSpreadGolden compares all rendered files but the lock. UPDATE=1 writes them anew.
func TestSpreadGolden(t *testing.T) {
	t.Parallel()
	files, err := spread(t, "server: {url: \"https://prefect.example.com/api\"}\nscale: {api: 3, workers: 4, storage: 20Gi}\n", fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Path == "scale.lock" || f.Path == "prepare.py" {
			continue
		}
		golden := filepath.Join("testdata", "scale", filepath.FromSlash(f.Path))
		if os.Getenv("UPDATE") != "" {
			if err := os.MkdirAll(filepath.Dir(golden), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(golden, f.Data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(f.Data)); diff != "" {
			t.Errorf("%s\n%s", f.Path, diff)
		}
	}
}

// TestCompose loads the file as Docker Compose does.
func TestCompose(t *testing.T) {
	t.Parallel()
	check := judge(t)
	files, err := spread(t, "scale: {api: 3, workers: 0}\n", fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	dir := written(t, files)
	passwords := []string{"POSTGRES_PASSWORD=p", "PREFECT_API_AUTH_STRING=u:p"}
	got := check(t, dir, passwords, "compose", "compose.yaml")
	want := `api x3 health=true after=[prepare redis] ["prefect" "server" "start" "--host" "0.0.0.0" "--port" "4200" "--no-services"]
postgres x1 health=true after=[] ["postgres" "-c" "max_connections=300"]
prepare x1 health=false after=[postgres] ["python" "prepare.py"]
proxy x1 health=true after=[api] []
redis x1 health=true after=[] ["redis-server" "--appendonly" "yes"]
services x1 health=false after=[prepare redis] ["prefect" "server" "services" "start"]
worker-docker x0 health=true after=[proxy] ["prefect" "worker" "start" "--pool" "boxes" "--type" "docker" "--with-healthcheck"]
worker-process x0 health=true after=[proxy] ["prefect" "worker" "start" "--pool" "no: $HOME ${x} $(x) # y" "--type" "process" "--with-healthcheck"]
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if got := check(t, dir, passwords[:1], "compose", "compose.yaml"); !strings.Contains(got, "write it into .env, as user:password") {
		t.Errorf("without a password: %s", got)
	}
	for what, text := range map[string]string{
		"an unknown key":         "services: {a: {image: x, imagee: y}}",
		"a wrong type":           "services: {a: {image: x, ports: 4200}}",
		"an unknown service":     "services: {a: {image: x, depends_on: [b]}}",
		"an undeclared volume":   "services: {a: {image: x, volumes: [\"data:/data\"]}}",
		"an undeclared network":  "services: {a: {image: x, networks: [n]}}",
		"a wrong restart policy": "services: {a: {image: x, deploy: {replicas: two}}}",
	} {
		bad := written(t, []render.File{{Path: "compose.yaml", Data: []byte("name: x\n" + text + "\n")}})
		if got := check(t, bad, nil, "compose", "compose.yaml"); !strings.HasPrefix(got, "refused") {
			t.Errorf("%s is taken: %s", what, got)
		}
	}
}

// TestKubernetes reads the files with the API's own types, strictly, and follows what they say of each other.
func TestKubernetes(t *testing.T) {
	t.Parallel()
	check := judge(t)
	for name, url := range map[string]string{"with a host": "server: {url: \"https://prefect.example.com/api\"}\n", "without": ""} {
		files, err := spread(t, url, fstest.MapFS{})
		if err != nil {
			t.Fatal(err)
		}
		dir := written(t, files)
		paths, err := filepath.Glob(filepath.Join(dir, "kubernetes", "*.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		got := check(t, dir, nil, append([]string{"kubernetes"}, paths...)...)
		if strings.HasPrefix(got, "refused") || strings.Contains(got, "Ingress") != (url != "") || strings.Contains(got, "worker-docker") ||
			!strings.Contains(got, "apps/v1 Deployment worker-kubernetes") || !strings.Contains(got, "rbac.authorization.k8s.io/v1 RoleBinding worker-kubernetes") {
			t.Errorf("%s: %s", name, got)
		}
		data, err := os.ReadFile(filepath.Join(dir, "kubernetes", "40-api.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for what, change := range map[string][2]string{
			"an unknown field":     {"replicas: 2", "replikas: 2"},
			"a wrong type":         {"replicas: 2", "replicas: two"},
			"a foreign selector":   {"matchLabels: {app: prefect-api}", "matchLabels: {app: other}"},
			"a probe's wrong port": {"path: /api/ready, port: http", "path: /api/ready, port: web"},
			"a missing config map": {"configMapRef: {name: prefect-server}", "configMapRef: {name: prefect}"},
		} {
			text := strings.ReplaceAll(string(data), change[0], change[1])
			bad := written(t, []render.File{{Path: "api.yaml", Data: []byte(text)}})
			settings := filepath.Join(dir, "kubernetes", "10-settings.yaml")
			if got := check(t, bad, nil, "kubernetes", settings, "api.yaml"); text == string(data) || !strings.HasPrefix(got, "refused") {
				t.Errorf("%s is taken: %s", what, got)
			}
		}
	}
}

// TestDockerfile reads the file as BuildKit does. Where runs fetch their code no image holds it, and nothing of the host is mounted.
func TestDockerfile(t *testing.T) {
	t.Parallel()
	check := judge(t)
	tests := map[string]struct{ code, want string }{
		"a folder": {"code: {directory: /srv/shop}", "server from python:3.12-slim: 9 commands\nworker from server: 2 commands\n"},
		"git":      {"code: {git: {repository: \"https://example.com/shop.git\"}}", "server from python:3.12-slim: 9 commands\n"},
	}
	for name, test := range tests {
		files, err := render.Spread(fstest.MapFS{}, templates.FS, environment(t, test.code+"\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		dir := written(t, files)
		if got := check(t, dir, nil, "dockerfile", "Dockerfile"); got != test.want {
			t.Errorf("%s: %s", name, got)
		}
		compose, err := os.ReadFile(filepath.Join(dir, "compose.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(compose), "type: bind") != (name == "a folder") {
			t.Errorf("%s: %s", name, compose)
		}
		if got := check(t, dir, []string{"POSTGRES_PASSWORD=p", "PREFECT_API_AUTH_STRING=u:p"}, "compose", "compose.yaml"); strings.HasPrefix(got, "refused") {
			t.Errorf("%s: %s", name, got)
		}
	}
	bad := written(t, []render.File{{Path: "Dockerfile", Data: []byte("FROM x\nCOPPY a b\n")}})
	if got := check(t, bad, nil, "dockerfile", "Dockerfile"); !strings.HasPrefix(got, "refused") {
		t.Errorf("an unknown instruction is taken: %s", got)
	}
}

// What the process sees as a pool's name is the name, through all layers of quoting.
func TestNamesSurviveKubernetes(t *testing.T) {
	t.Parallel()
	files, err := spread(t, "", fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if f.Path != "kubernetes/60-workers.yaml" {
			continue
		}
		if strings.Count(string(f.Data), `"no: $HOME ${x} $$(x) # y"`) != 1 {
			t.Errorf("%s", f.Data)
		}
	}
}

// No password can be in the files: where one is needed stands a reference.
func TestSpreadHoldsNoSecret(t *testing.T) {
	t.Parallel()
	files, err := spread(t, "env: {DB_PASSWORD: canary-1}\njob_variables: {token: canary-2}\nparameters: {api_key: canary-3}\n", fstest.MapFS{})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(string(f.Data), "canary") {
			t.Errorf("%s holds a secret", f.Path)
		}
		if !strings.HasSuffix(f.Path, ".yaml") {
			continue
		}
		decoder := yaml.NewDecoder(strings.NewReader(string(f.Data)))
		for {
			var document map[string]any
			if decoder.Decode(&document) != nil {
				break
			}
			passwords(t, f.Path, document)
		}
	}
}

// passwords finds keys that want a secret and looks at what they have.
func passwords(t *testing.T, file string, v any) {
	t.Helper()
	switch v := v.(type) {
	case map[string]any:
		for key, value := range v {
			text, isText := value.(string)
			if isText && (strings.Contains(key, "PASSWORD") || strings.Contains(key, "AUTH_STRING")) && !strings.HasPrefix(text, "${") {
				t.Errorf("%s: %s is %q", file, key, text)
			}
			passwords(t, file, value)
		}
	case []any:
		for _, value := range v {
			passwords(t, file, value)
		}
	}
}

func TestSpreadFaults(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		text, where string
		own         fstest.MapFS
	}{
		"a folder of Windows":   {`code: {directory: 'C:\robots'}`, "envs/base.yaml:2:8", nil},
		"a folder with a blank": {`code: {directory: "/srv/my robots"}`, "envs/base.yaml:2:8", nil},
		"an own template": {
			"code: {directory: /srv/shop}", "templates/scale/compose.yaml.tmpl:2",
			fstest.MapFS{"templates/scale/compose.yaml.tmpl": {Data: []byte("a:\n  b: {{ yaml .Replikas }}\n")}},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := render.Spread(test.own, templates.FS, environment(t, test.text+"\n"), nil)
			f, ok := err.(*fault.Error) //nolint:errorlint // it is promised to be one
			if !ok || f.Code != fault.Findings || !strings.HasPrefix(f.Where, test.where) {
				t.Errorf("got %#v", err)
			}
		})
	}
}

// TestSystemd has systemd itself read the unit, on a host whose checkout lies where the settings say.
func TestSystemd(t *testing.T) {
	t.Parallel()
	analyze := prerequisite.Program(t, "systemd-analyze")
	checkout := filepath.Join(t.TempDir(), "100%")
	mage := filepath.Join(checkout, ".flowmage", "bin", "mage")
	if err := os.MkdirAll(filepath.Dir(mage), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(mage, []byte("#!/bin/sh\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := render.Spread(fstest.MapFS{}, templates.FS, environment(t, "code: {directory: "+checkout+"}\n"), nil)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", filepath.Join(written(t, files), "systemd", "worker@.service"))
	if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("%v\n%s", err, out)
	}
}
