package local

import (
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// clients are the programs of Prefect's that talk to a server, with their environments.
func clients(l *Local, env interpreter.Env, address string, more ...string) map[string]interpreter.Variables {
	return map[string]interpreter.Variables{
		"worker":  l.workerEnviron(WorkerSpec{Pool: "p", APIURL: address, Env: more}, env),
		"serve":   l.serveEnviron(ServeSpec{APIURL: address, Env: more}, env),
		"schemas": l.python.ClientEnviron(env, "", append([]string{"PREFECT_API_URL=" + address}, more...)),
	}
}

// What Prefect would read from the repository's files is always set.
func TestClientsAreToldAll(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	l := New(Options{Root: root, Environ: []string{"SSL_CERT_FILE=/ca.pem", "PREFECT_API_KEY=other", "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true"}})
	profiles := l.path("server", "profiles.toml")
	for _, test := range []struct {
		release string
		more    []string
		want    map[string]string
	}{
		{"3.8.8", nil, map[string]string{
			"PREFECT_API_URL": "https://a/api", "PREFECT_API_KEY": "", "PREFECT_API_AUTH_STRING": "", "PREFECT_CLIENT_CUSTOM_HEADERS": `"{}"`,
			"PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "false", "PREFECT_API_SSL_CERT_FILE": "/ca.pem", "PREFECT_PROFILES_PATH": profiles,
		}},
		{"3.4.25", []string{"PREFECT_API_KEY=k", "PREFECT_API_SSL_CERT_FILE=/own.pem", `PREFECT_CLIENT_CUSTOM_HEADERS={"A":"b"}`}, map[string]string{
			"PREFECT_API_URL": "https://a/api", "PREFECT_API_KEY": "k", "PREFECT_API_AUTH_STRING": "", "PREFECT_CLIENT_CUSTOM_HEADERS": `{"A":"b"}`,
			"PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "false", "PREFECT_API_SSL_CERT_FILE": "/own.pem", "PREFECT_PROFILES_PATH": profiles,
		}},
		{"3.9.1", []string{"PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true", `PREFECT_CLIENT_CUSTOM_HEADERS={"A":"b"}`}, map[string]string{
			"PREFECT_API_URL": "https://a/api", "PREFECT_API_KEY": "", "PREFECT_API_AUTH_STRING": "", "PREFECT_CLIENT_CUSTOM_HEADERS": `"{\"A\":\"b\"}"`,
			"PREFECT_API_TLS_INSECURE_SKIP_VERIFY": "true", "PREFECT_API_SSL_CERT_FILE": "/ca.pem", "PREFECT_PROFILES_PATH": profiles,
		}},
	} {
		for program, environ := range clients(l, interpreter.Env{Python: "/e/bin/python", Prefect: test.release}, "https://a/api", test.more...) {
			got := map[string]string{}
			for _, pair := range environ {
				if name, value, _ := strings.Cut(pair, "="); test.want[name] != "" || strings.HasPrefix(name, "PREFECT_API_") || name == "PREFECT_CLIENT_CUSTOM_HEADERS" {
					got[name] = value
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%s of Prefect %s (-want +got):\n%s", program, test.release, diff)
			}
		}
	}
	if got := l.python.ClientEnviron(interpreter.Env{Python: "/e/bin/python"}, "", nil); !strings.Contains("\n"+strings.Join(got, "\n")+"\n", "\nPREFECT_API_URL=\n") {
		t.Errorf("without a server Prefect would look for one: %v", got)
	}
}

// asks has Prefect's own client, and the process that keeps workers, ask the server for its health.
const asks = `
import os, sys
from prefect.client.orchestration import get_client
try:
    get_client(sync_client=True)._client.get("/hello")
except Exception as reason:
    print("prefect:", repr(reason))
sys.path.insert(0, sys.argv[1])
sys.dont_write_bytecode = True # the folder is one of sources
import keep
try:
    keep.Server(os.environ).ask("/hello")
except Exception as reason:
    print("keep:", repr(reason))
`

// Beside files of a hostile repository, Prefect's programs send a credential to no server whose certificate is good by those files alone, and
// send what they were given and nothing else to the right one.
func TestClientsBesideHostileFiles(t *testing.T) {
	t.Parallel()
	python := prerequisite.Python(t)
	var mu sync.Mutex
	heard := map[string][]string{} // of the servers: what came
	site := func(name string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			mu.Lock()
			defer mu.Unlock()
			heard[name] = append(heard[name], r.Header.Get("Authorization")+" "+r.Header.Get("X-Gate")+r.Header.Get("X-Hostile"))
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, `"hello"`)
		})
	}
	thief := httptest.NewUnstartedServer(site("thief"))
	thief.Config.ErrorLog = log.New(io.Discard, "", 0)
	thief.StartTLS()
	t.Cleanup(thief.Close)
	right := httptest.NewServer(site("right"))
	t.Cleanup(right.Close)

	root := t.TempDir()
	for name, text := range map[string]string{
		"ca.pem":         string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: thief.Certificate().Raw})),
		".env":           "PREFECT_API_TLS_INSECURE_SKIP_VERIFY=true\nPREFECT_PROFILES_PATH=profiles.toml\nPREFECT_API_AUTH_STRING=hostile\n",
		"prefect.toml":   "[api]\nssl_cert_file = 'ca.pem'\n[client.custom_headers]\nX-Hostile = 'yes'\n",
		"pyproject.toml": "[tool.prefect.api]\nurl = '" + thief.URL + "/api'\n[tool.prefect.client.custom_headers]\nAuthorization = 'hostile'\n",
		"profiles.toml":  "active = 'x'\n[profiles.x]\nPREFECT_API_KEY = 'hostile'\n",
	} {
		if err := os.WriteFile(filepath.Join(root, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	scripts, err := filepath.Abs(filepath.Join("..", "..", "templates", "python"))
	if err != nil {
		t.Fatal(err)
	}
	l := New(Options{Root: root, Environ: os.Environ(), Console: console.New(io.Discard, io.Discard), Python: python})
	env, err := l.ready(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	var group errgroup.Group
	for address, fails := range map[string]int{thief.URL: 2, right.URL: 0} {
		cmd := exec.CommandContext(t.Context(), python, "-c", asks, scripts)
		cmd.Dir, cmd.Env = root, clients(l, env, address+"/api", "PREFECT_API_KEY=word1234", `PREFECT_CLIENT_CUSTOM_HEADERS={"X-Gate":"open"}`)["worker"]
		group.Go(func() error {
			out, err := cmd.CombinedOutput()
			if strings.Count(string(out), "CERTIFICATE_VERIFY_FAILED") != fails {
				t.Errorf("at %s it says\n%s", address, out)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := map[string][]string{"right": {"Bearer word1234 open", "Bearer word1234 open"}}
	if diff := cmp.Diff(want, heard); diff != "" {
		t.Errorf("servers hear (-want +got):\n%s", diff)
	}
}
