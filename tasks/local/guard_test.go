package local

import (
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// program runs a text of Python with the programs of .flowmage/bin beside it, and gives what it says.
func program(t *testing.T, text string, environ ...string) string {
	t.Helper()
	l := New(Options{Root: t.TempDir()})
	if err := l.prepare(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), prerequisite.Python(t), "-c", text, l.folder.Dir)
	cmd.Env = append(os.Environ(), append(environ, "PYTHONPATH="+l.path("bin"), "PYTHONDONTWRITEBYTECODE=1")...)
	said, err := cmd.CombinedOutput()
	if err != nil {
		return strings.TrimSpace(string(said)) + " (" + err.Error() + ")"
	}
	return strings.TrimSpace(string(said))
}

// TestKeeperFollowsNowhere has a server send the program that keeps workers running to another one, with what only the first may hear.
func TestKeeperFollowsNowhere(t *testing.T) {
	t.Parallel()
	var heard atomic.Int32
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		heard.Add(1)
		_, _ = w.Write([]byte("[]"))
	}))
	defer other.Close()
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", other.URL+r.URL.Path)
			w.WriteHeader(status)
		}))
		const ask = "import os, flowmage_keep as keep\nprint(keep.online(keep.Server(os.environ), 'pool', 'worker'))"
		if got := program(t, ask, "PREFECT_API_URL="+server.URL, "PREFECT_API_KEY=pnu_key", "PREFECT_CLIENT_CUSTOM_HEADERS={\"X-Key\": \"word\"}"); got != "None" {
			t.Errorf("%d: %s", status, got)
		}
		server.Close()
	}
	if n := heard.Load(); n > 0 {
		t.Errorf("the other server was asked %d times", n)
	}
}

// TestGuardInstalls starts a server that is only a word: it runs on loopback, with an auth string, in one process, and otherwise not at all.
func TestGuardInstalls(t *testing.T) {
	t.Parallel()
	const start = `import sys, types
sys.modules["uvicorn"] = uvicorn = types.ModuleType("uvicorn")
uvicorn.run = lambda app, **kwargs: print("runs behind", type(app).__name__)
import flowmage_guard
flowmage_guard.send_csrf_tokens = lambda: None
flowmage_guard.install(sys.argv[1])
uvicorn.run(APP, host=HOST, port=4200)
`
	const auth = "PREFECT_SERVER_API_AUTH_STRING=flowmage:word"
	for name, x := range map[string]struct {
		app, host, auth, want string
	}{
		"as it should be":    {"print", "127.0.0.1", auth, "runs behind Guard"},
		"all addresses":      {"print", "0.0.0.0", auth, "can't be guarded"},
		"all of IPv6":        {"print", "::", auth, "can't be guarded"},
		"a name":             {"print", "localhost", auth, "can't be guarded"},
		"no auth string":     {"print", "127.0.0.1", "PREFECT_SERVER_API_AUTH_STRING=", "can't be guarded"},
		"several processes":  {"'prefect.server.api.server:create_app'", "127.0.0.1", auth, "can't be guarded"},
		"no address, either": {"print", "", auth, "can't be guarded"},
	} {
		text := strings.NewReplacer("APP", x.app, "HOST", "'"+x.host+"'").Replace(start)
		if got := program(t, text, x.auth); !strings.Contains(got, x.want) || strings.Contains(got, "runs") != strings.Contains(x.want, "runs") {
			t.Errorf("%s: %s", name, got)
		}
	}
}
