//go:build unix

package targets

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// canary starts every planted secret, so that one search finds them all.
const canary = "c4n4ry"

const canaryBase = `project: scripts-secrets
env:
  DB_PASSWORD: "{{ $DB_PASSWORD }}"
  API_TOKEN: "{{ $FILE_TOKEN }}"
  LITERAL_SECRET: c4n4ry-literal
  DATABASE: "postgres://me:{{ $DB_PASSWORD }}@db/x"
secrets:
  FILE_TOKEN: secrets/token
job_variables:
  nested: {registry_credentials: {user: me, password: c4n4ry-nested}}
pools:
  python: {defaults: {env: {POOL_TOKEN: c4n4ry-pool}}}
schedules:
  - cron: 0 6 * * *
    parameters: {access_token: c4n4ry-schedule}
code:
  remote:
    url: s3://bucket/x
    settings: {key: c4n4ry-storage}
`

// planted is a repository with secrets wherever one can be.
func planted(t *testing.T) *lab {
	t.Helper()
	l := &lab{root: t.TempDir(), mage: program(t), environ: append(clean(),
		"PREFECT_API_URL="+prerequisite.Server(t), "PREFECT_API_KEY="+canary+"-key", "PREFECT_API_AUTH_STRING=me:"+canary+"-auth",
		"DB_PASSWORD="+canary+"-variable", "USER=me")}
	l.edit(t, "envs/base.yaml", canaryBase)
	l.edit(t, "envs/dev.yaml", "parameters: {access_token: c4n4ry-parameter}\n")
	l.edit(t, "envs/prod.yaml", "env: {DB_PASSWORD: c4n4ry-other}\n")
	l.edit(t, "secrets/token", canary+"-file\n")
	l.edit(t, ".flowmage/logs/server.log", "token c4n4ry-changed, variable c4n4ry-variable, nested c4n4ry-nested, beside c4n4ry-beside, API_KEY=c4n4ry-log\nfrom https://me:c4n4ry-log@host/x\n")
	l.edit(t, "flows/one/flow.yaml", "env: {SIGNING_KEY: c4n4ry-beside}\n")
	l.edit(t, "flows/one/workflow.py", "from prefect import flow\n\n@flow(name=\"scripts-secrets\")\ndef one(access_token: str = \"\", dsn: str = \"\"):\n    pass\n")
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"remote", "add", "origin", "https://me:c4n4ry-remote@github.com/acme/x.git"}, {"add", "-A"}} {
		if out, err := exec.CommandContext(t.Context(), "git", append([]string{"-C", l.root}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
	}
	return l
}

// TestNoSecretIsShown plants secrets in settings, variables, files, addresses and credentials, goes through every command that prints or
// stores something, and looks for them in all that comes out.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	l := planted(t)
	t.Cleanup(func() {
		l.edit(t, "envs/dev.yaml", "{}\n")
		l.edit(t, "flows/one/flow.yaml", "{}\n")
		cmd := exec.CommandContext(context.Background(), l.mage, "deploy:clean", "-yes")
		cmd.Dir, cmd.Env = l.root, l.environ
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), canary) {
			t.Errorf("deploy:clean: %v\n%s", err, out)
		}
	})
	for i, args := range [][]string{
		{"env:show"}, {"env:show", "-json"}, {"env:diff", "dev", "prod"}, {"env:diff", "dev", "prod", "-json"}, {"env:list"}, {"flows:list", "-json"},
		{"verify:flows"}, {"verify:flows", "-json"}, {"deploy:build"}, {"deploy:plan"}, {"deploy:plan", "-json"}, {"deploy:plan", "-markdown"},
		{"deploy:plan", "-out=plan.json"}, {"deploy:all"}, {"deploy:all", "-json"}, {"change"}, {"deploy:plan"}, {"deploy:plan", "-markdown"}, {"deploy:all"},
		{"deploy:status"}, {"deploy:status", "-json"}, {"deploy:history"}, {"deploy:history", "-json"}, {"deploy:rollback", "-yes"}, {"env:worker", "-env=prod"},
		{"flows:run", "one", `-params={"access_token": ["c4n4ry-run"]}`}, {"deploy:build", "-env=prod"}, {"env:doctor"}, {"env:doctor", "-json"}, {"env:doctor", "-bundle=doctor.tar.gz"}, {"verify:deployments"}, {"verify:ui", "-json"}, {"break"}, {"verify:flows"}, {"deploy:plan"},
	} {
		switch args[0] {
		case "change":
			l.edit(t, "secrets/token", canary+"-changed")
			l.edit(t, "envs/dev.yaml", "parameters: {access_token: c4n4ry-changed}\nenv: {LITERAL_SECRET: c4n4ry-changed}\npools: {python: {defaults: {env: {POOL_TOKEN: c4n4ry-changed}}}}\n")
			continue
		case "break":
			l.edit(t, "flows/one/flow.yaml", "parameters: {dsn: \"https://me:c4n4ry-beside@host/x\"}\n")
			l.edit(t, "envs/dev.yaml", "parameters: {access_token: [c4n4ry-list]}\nenv: {API_TOKEN: 12345, NOTE_KEY: [c4n4ry-list], NOTE: \"ghp_c4n4ryabcdefghijklmnopqrstuvwxyz012345\", LEAK: \"{{ $FILE_TOKEN }}\"}\n")
			continue
		}
		a := l.start(t, args...).wait(t)
		for _, text := range []string{a.stdout, a.stderr} {
			if strings.Contains(text, canary) {
				t.Errorf("step %d, mage %v shows a secret:\n%s", i, args, around(text))
			}
		}
		if args[0] == "deploy:all" && a.code != 0 {
			t.Fatalf("%v: %d\n%s", args, a.code, a.stderr)
		}
	}
	// What is left on disk: literals of the settings stand in what was rendered from them, nothing else does anywhere.
	for _, file := range []string{"prefect.dev.yaml", "plan.json"} {
		text, err := os.ReadFile(filepath.Join(l.root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(canary+`-\w+`).FindAllString(string(text), -1) {
			if file != "prefect.dev.yaml" || regexp.MustCompile(`variable|file|key|auth|remote`).MatchString(found) {
				t.Errorf("%s holds %s", file, found)
			}
		}
	}
	if text := unpacked(t, filepath.Join(l.root, "doctor.tar.gz")); strings.Contains(text, canary) || !strings.Contains(text, "token ********, variable ********") {
		t.Errorf("the support archive: %s", around(text))
	}
	if text := receipts(t, "scripts-secrets"); strings.Contains(text, canary) || strings.Count(text, "SECRET") < 3 {
		t.Errorf("the receipts on the server: %s", around(text))
	}
}

// unpacked gives all texts of a .tar.gz.
func unpacked(t *testing.T, path string) string {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // it is only read
	zip, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for archive := tar.NewReader(zip); ; {
		if _, err := archive.Next(); err == io.EOF {
			return out.String()
		} else if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(archive)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(text)
	}
}

// around gives the lines that hold a canary.
func around(text string) string {
	var out []string
	for line := range strings.Lines(text) {
		if strings.Contains(line, canary) {
			out = append(out, strings.TrimSpace(line))
		}
	}
	return strings.Join(out, "\n")
}

// receipts gives all that the receipts of dev hold, as they are stored and as they are read.
func receipts(t *testing.T, project string) string {
	t.Helper()
	var out strings.Builder
	out.Write(prerequisite.Ask(t, http.MethodPost, "/artifacts/filter", map[string]any{
		"artifacts": map[string]any{"key": map[string]any{"like_": "flowmage-" + project}}, "limit": 200, "sort": "CREATED_DESC",
	}))
	api, err := prefect.New(prefect.Options{URL: prerequisite.Server(t)})
	if err != nil {
		t.Fatal(err)
	}
	list, err := deploy.History(t.Context(), api, deploy.Owner{Project: project, Env: "dev"}, 0)
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	for _, r := range list {
		whole, err := deploy.Load(t.Context(), api, r)
		if err != nil {
			t.Fatal(err)
		}
		data, err := json.Marshal(whole)
		if err != nil {
			t.Fatal(err)
		}
		out.Write(data)
	}
	return out.String()
}
