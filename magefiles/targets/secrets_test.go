//go:build unix

package targets

import (
	"archive/tar"
	"compress/gzip"
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// canary starts every planted secret, so that one search finds them all.
const canary = "c4n4ry"

const canaryBase = `project: scripts-secrets
env:
  DB_PASSWORD: "{{ $DB_PASSWORD }}"
  API_TOKEN: "{{ $FILE_TOKEN }}"
  LITERAL_SECRET: c4n4ry-literal
  DATABASE: "postgres://me:{{ $DB_PASSWORD }}@db/x"
  SMTP_PASS: c4n4ry-smtp
  PGPASSWORD: c4n4ry-pgpassword
  MYSQL_PWD: c4n4ry-mysqlpwd
  ACCESSKEY: c4n4ry-accesskey
  API_KEYS: c4n4ry-apikeys
  JWT_SIGNING: c4n4ry-jwtsigning
  CLIENTSECRET: c4n4ry-clientsecret
  dbPass: c4n4ry-camel
  ODBC: "Driver=x;Server=db;UID=sa;PWD=c4n4ry-odbc;"
  ADONET: "Server=db;User Id=sa;Password=c4n4ry-adonet;Encrypt=true"
  LIBPQ: "host=db user=me password=c4n4ry-libpq dbname=x"
  JDBC: "jdbc:postgresql://db/x?user=me&password=c4n4ry-jdbc"
  ORACLE: "jdbc:oracle:thin:scott/c4n4ry-oracle@db:1521/x"
  ALCHEMY: "mssql+pyodbc://sa:c4n4ry-alchemy@db/x?driver=ODBC"
  BROKER: "amqp://guest:c4n4ry-amqp@mq:5672/%2f"
  MONGO: "mongodb+srv://me:c4n4ry-mongo@cluster0.example.net/db"
  BLOB: "https://a.blob.core.windows.net/c/f?sv=2024&sig=c4n4ry-sas&sp=r"
  PRESIGNED: "https://b.s3.amazonaws.com/k?X-Amz-Expires=60&X-Amz-Signature=c4n4ry-presigned"
  STORAGE: "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c4n4ry-account"
  CALLBACK: "https://x.example.com/cb?access_token=c4n4ry-callback"
  FUNCTION: "https://f.azurewebsites.net/api/run?code=c4n4ry-function0123"
  SLACK: "https://hooks.slack.com/services/T00/B00/c4n4ry-slack"
  DISCORD: "https://discord.com/api/webhooks/1/c4n4ry-discord"
  TEAMS: "https://x.webhook.office.com/webhookb2/c4n4ry-teams@y/IncomingWebhook/z"
  HOOK: "https://ci.example.com/hooks/c4n4ry-hook0123456789abcdef"
  OPTIONS: "--level=3 --api-key=c4n4ry-option"
  EXTRA: '{"user": "me", "password": "c4n4ry-json"}'
  HEADER: "Authorization: Bearer c4n4ry-bearer"
  GITHUB: "ghp_c4n4ryabcdefghijklmnopqrstuvwxyz012345"
  PEM: "-----BEGIN PRIVATE KEY-----\nc4n4ry-pem\n-----END PRIVATE KEY-----"
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
flows:
  one: {description: "reads postgres://me:c4n4ry-description@db/x each day"}
`

// canaryManifest has secrets in a manifest by hand, and steps that print some.
const canaryManifest = `deployments:
  - name: by-hand
    entrypoint: flows/one/workflow.py:one
    parameters: {access_token: c4n4ry-handparameter}
    schedules: [{cron: "0 6 * * *", parameters: {access_token: c4n4ry-handschedule}}]
    build:
      - prefect.deployments.steps.run_shell_script:
          id: talk
          script: "sh step.sh"
          env: {INNER_TOKEN: c4n4ry-stepenv}
      - prefect.deployments.steps.run_shell_script: {id: fetch, script: "cat secrets/fetched"}
    pull:
      - prefect.deployments.steps.git_clone: {repository: "https://github.com/acme/x", access_token: c4n4ry-pull}
    work_pool: {name: scripts-secrets-dev, job_variables: {env: {SMTP_PASS: c4n4ry-handenv, FETCHED_TOKEN: "{{ fetch.stdout }}"}}}
`

// canaryStep prints what a careless script prints.
const canaryStep = `set -eu
echo "the step ran"
echo "token=c4n4ry-printed"
printenv INNER_TOKEN
printenv DB_PASSWORD
printenv INNER_TOKEN | base64
echo "cloning https://me:c4n4ry-stepurl@github.com/x" >&2
printf 'half c4n4ry-'; printf 'stepenv\n'
`

// canaryLog is a log that says too much.
const canaryLog = `variable c4n4ry-variable, nested c4n4ry-nested, beside c4n4ry-beside, API_KEY=c4n4ry-log
from https://me:c4n4ry-logurl@host/x
login --password c4n4ry-logoption
{"client_secret": "c4n4ry-logjson"}
-----BEGIN RSA PRIVATE KEY-----
c4n4ry-logpem
-----END RSA PRIVATE KEY-----
`

// planted is a repository with secrets wherever one can be. Git keeps none of the settings, or the literals in them would block everything.
func planted(t *testing.T) *lab {
	t.Helper()
	l := &lab{root: t.TempDir(), mage: program(t), environ: append(clean(),
		"PREFECT_API_URL="+prerequisite.Server(t), "PREFECT_API_KEY="+canary+"-key", "PREFECT_API_AUTH_STRING=me:"+canary+"-auth",
		"DB_PASSWORD="+canary+"-variable", "USER=me", "GITHUB_TOKEN="+canary+"-github1", "DEPLOY_WEBHOOK=http://127.0.0.1:9/hooks/"+canary+"-webhook",
		"PIP_INDEX_URL=https://me:"+canary+"-pip1@index.example.com/simple", "AWS_SECRET_ACCESS_KEY="+canary+"-aws1")}
	for file, text := range map[string]string{
		"envs/base.yaml": canaryBase, "envs/dev.yaml": "parameters: {access_token: c4n4ry-parameter}\n", "envs/prod.yaml": "env: {DB_PASSWORD: c4n4ry-other, REFERENCE_TOKEN: \"{{ prefect.blocks.secret.shown }}\"}\n",
		"secrets/token": canary + "-file\n", "secrets/fetched": canary + "-fetched\n", ".flowmage/logs/server.log": canaryLog, "flows/one/flow.yaml": "env: {SIGNING_KEY: c4n4ry-beside}\n",
		"flows/one/workflow.py": "from prefect import flow\n\n@flow(name=\"scripts-secrets\")\ndef one(access_token: str = \"\", dsn: str = \"\"):\n    pass\n",
		"hand.yaml":             canaryManifest, "step.sh": canaryStep, "params.json": `{"access_token": ["c4n4ry-run"]}`,
	} {
		l.edit(t, file, text)
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"remote", "add", "origin", "https://me:c4n4ry-remote@github.com/acme/x.git"}, {"add", "flows/one/workflow.py"}} {
		l.git(t, args...)
	}
	return l
}

// canaries gives the different secrets that are planted: in the files and in the variables of the process.
func (l *lab) canaries(t *testing.T) []string {
	t.Helper()
	text := strings.Join(l.environ, "\n")
	err := filepath.WalkDir(l.root, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		text += string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(canary+`-?\w+`).FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// TestNoSecretIsShown plants secrets in settings, manifests, variables, files, addresses and credentials, goes through every command that prints or
// stores something, and looks for them in all that comes out: both streams, plan files, receipts, support archives, what steps print, and the
// command lines of all processes meanwhile.
func TestNoSecretIsShown(t *testing.T) {
	t.Parallel()
	l := planted(t)
	if found := l.canaries(t); len(found) < 60 {
		t.Errorf("only %d secrets are planted: %v", len(found), found)
	}
	seen := watchProcesses(t)
	t.Cleanup(func() {
		l.edit(t, "envs/dev.yaml", "{}\n")
		l.edit(t, "envs/base.yaml", "project: scripts-secrets\n")
		l.edit(t, "flows/one/flow.yaml", "{}\n")
		cmd := exec.CommandContext(context.Background(), l.mage, "deploy:clean", "-yes")
		cmd.Dir, cmd.Env = l.root, l.environ
		if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), canary) {
			t.Errorf("deploy:clean: %v\n%s", err, out)
		}
	})
	through := map[string]bool{}
	failing := false // from then on deploys may fail
	for i, args := range [][]string{
		{"env:show"}, {"env:show", "-json"}, {"env:diff", "dev", "prod"}, {"env:diff", "dev", "prod", "-json"}, {"env:list"}, {"env:logs"}, {"env:status"}, {"env:version"},
		{"flows:list", "-json"}, {"flows:show", "one"}, {"verify:flows"}, {"verify:policies", "-input"}, {"verify:flows", "-json"}, {"deploy:build"}, {"env:render"}, {"deploy:plan"}, {"deploy:plan", "-json"},
		{"deploy:plan", "-markdown"}, {"deploy:plan", "-out=plan.json"}, {"deploy:all"}, {"deploy:all", "-json"}, {"change"}, {"deploy:plan"}, {"deploy:plan", "-markdown"},
		{"deploy:plan", "-out=plan.json"}, {"deploy:apply", "plan.json"}, {"deploy:status"}, {"deploy:status", "-json"}, {"deploy:history"}, {"deploy:history", "-json"},
		{"deploy:rollback", "-yes"}, {"deploy:plan", "-file=hand.yaml"}, {"deploy:plan", "-file=hand.yaml", "-json"}, {"deploy:all", "-file=hand.yaml", "-verify=false"}, {"refuse"},
		{"deploy:all", "-verify=false"}, {"deploy:all", "-file=hand.yaml", "-verify=false"}, {"accept"}, {"env:worker", "-env=prod"}, {"flows:run", "one", "-params=@params.json"}, {"flows:runs"},
		{"deploy:build", "-env=prod"}, {"env:doctor"}, {"env:doctor", "-json"}, {"env:doctor", "-bundle=doctor.tar.gz"}, {"verify:deployments"}, {"verify:ui", "-json"},
		{"deploy:release", "-only=one", "-yes"}, {"deploy:adopt", "-only=one", "-yes"}, {"deploy:adopt", "-file=hand.yaml", "-yes"}, {"break"}, {"verify:flows"}, {"deploy:plan"}, {"deploy:plan", "-file=hand.yaml"},
	} {
		switch args[0] {
		case "change":
			l.edit(t, "secrets/token", canary+"-changed")
			l.edit(t, "envs/dev.yaml", "parameters: {access_token: c4n4ry-changed}\nenv: {LITERAL_SECRET: c4n4ry-changed, ADONET: \"Server=other;Password=c4n4ry-changed\"}\npools: {python: {defaults: {env: {POOL_TOKEN: c4n4ry-changed}}}}\n")
			continue
		case "refuse": // a server that quotes what it does not like
			failing = true
			l.edit(t, "secrets/token", canary+"-quoted")
			l = l.with("PREFECT_API_URL=" + quoting(t, prerequisite.Server(t)))
			continue
		case "accept":
			l = l.with("PREFECT_API_URL=" + prerequisite.Server(t))
			continue
		case "break":
			l.git(t, "add", "-A") // now literals are told
			l.edit(t, "flows/one/flow.yaml", "parameters: {dsn: \"https://me:c4n4ry-beside@host/x\"}\n")
			l.edit(t, "envs/dev.yaml", "parameters: {access_token: [c4n4ry-list]}\nenv: {API_TOKEN: 12345, NOTE_KEY: [c4n4ry-list], NOTE: \"ghp_c4n4ryabcdefghijklmnopqrstuvwxyz012345\", LEAK: \"{{ $FILE_TOKEN }}\"}\n")
			continue
		}
		a := l.start(t, args...).wait(t)
		through[args[0]] = true
		for _, text := range []string{a.stdout, a.stderr} {
			if hit := leaked(text); hit != "" {
				t.Errorf("step %d, mage %v shows a secret:\n%s", i, args, hit)
			}
		}
		switch {
		case args[0] == "deploy:all" && !failing && a.code != 0, args[0] == "deploy:apply" && a.code != 0:
			t.Fatalf("%v: %d\n%s", args, a.code, a.stderr)
		case slices.Contains(args, "-file=hand.yaml") && args[0] == "deploy:all" && !failing && !strings.Contains(a.stderr, "the step ran"):
			t.Errorf("the steps did not run, or nothing of them is shown:\n%s", a.stderr)
		case args[0] == "env:diff" && !strings.Contains(a.stdout, "{{ prefect.blocks.secret.shown }}"):
			t.Errorf("a reference is hidden:\n%s", a.stdout)
		}
	}
	if len(through) < 16 {
		t.Errorf("only %d commands were tried", len(through))
	}
	if lines := seen(); len(lines) > 0 {
		t.Errorf("secrets on command lines: %v", lines)
	}
	l.searchLeftovers(t)
}

// leaked gives the lines of a text that show a secret, as it is or in base64.
func leaked(text string) string {
	if lines := around(text); lines != "" {
		return lines
	}
	for _, word := range regexp.MustCompile(`[A-Za-z0-9+/_-]{12,}`).FindAllString(text, -1) {
		for cut := range 4 {
			digits := word[min(cut, len(word)):]
			if plain, err := base64.RawStdEncoding.DecodeString(digits[:len(digits)/4*4]); err == nil && strings.Contains(string(plain), canary) {
				return word + " is " + string(plain)
			}
		}
	}
	return ""
}

// searchLeftovers looks at what is left on disk and on the server: literals of the settings stand in what was rendered from them, nothing else does
// anywhere.
func (l *lab) searchLeftovers(t *testing.T) {
	t.Helper()
	files := []string{"prefect.dev.yaml", "plan.json"}
	err := filepath.WalkDir(filepath.Join(l.root, "rendered"), func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(l.root, path)
			files = append(files, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(filepath.Join(l.root, file))
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(canary+`-\w+`).FindAllString(string(text), -1) {
			if file != "prefect.dev.yaml" || regexp.MustCompile(`-(variable|file|key|auth|remote|changed1)$`).MatchString(found) {
				t.Errorf("%s holds %s", file, found)
			}
		}
	}
	for _, file := range []string{"plan.json", "doctor.tar.gz"} {
		if info, err := os.Stat(filepath.Join(l.root, file)); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
	if text := unpacked(t, filepath.Join(l.root, "doctor.tar.gz")); leaked(text) != "" || !strings.Contains(text, "variable ********") {
		t.Errorf("the support archive: %s", leaked(text))
	}
	if text := receipts(t, "scripts-secrets"); leaked(text) != "" || strings.Count(text, "SECRET") < 3 {
		t.Errorf("the receipts on the server: %s", leaked(text))
	}
}

// quoting passes on what a server is asked, and answers writes of deployments with an error that repeats the whole request.
func quoting(t *testing.T, api string) string {
	t.Helper()
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPatch || r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/deployments/") {
			body, _ := io.ReadAll(r.Body)
			values := regexp.MustCompile(`[^"]*`+canary+`[^"]*`).FindAllString(string(body), -1)
			w.WriteHeader(http.StatusUnprocessableEntity)
			details := make([]map[string]any, 0, len(values))
			for i, v := range values {
				details = append(details, map[string]any{"loc": []any{"body", i}, "msg": "'" + v + "' is not of type 'object'", "type": "value_error"})
			}
			_ = json.NewEncoder(w).Encode(map[string]any{"exception_message": "Invalid request received.", "exception_detail": details})
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/api"
}

// watchProcesses looks at the command lines of all processes of the machine until the function that it gives is called, which gives those with a
// secret. Where there is no /proc it sees nothing.
func watchProcesses(t *testing.T) func() []string {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	found, looks := map[string]bool{}, 0
	done := make(chan struct{})
	go func() {
		defer close(done)
		for tick := time.NewTicker(10 * time.Millisecond); ; {
			select {
			case <-ctx.Done():
				tick.Stop()
				return
			case <-tick.C:
			}
			files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
			for _, file := range files {
				if data, err := os.ReadFile(file); err == nil {
					looks++
					if strings.Contains(string(data), canary) {
						found[strings.ReplaceAll(string(data), "\x00", " ")] = true
					}
				}
			}
		}
	}()
	return func() []string {
		stop()
		<-done
		if looks == 0 && runtime.GOOS == "linux" {
			t.Error("no process was looked at")
		}
		return slices.Sorted(maps.Keys(found))
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

// around gives what stands around each canary.
func around(text string) string {
	return strings.Join(regexp.MustCompile(`.{0,60}`+canary+`.{0,30}`).FindAllString(text, -1), "\n")
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
	list, err := receipt.History(t.Context(), api, ownership.Owner{Project: project, Env: "dev"}, 0)
	if err != nil || len(list) == 0 {
		t.Fatal(len(list), err)
	}
	for _, r := range list {
		whole, err := receipt.Load(t.Context(), api, r)
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
