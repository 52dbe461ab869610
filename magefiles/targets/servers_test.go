package targets

import (
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// visits remembers the headers that a website was sent, by the address of the website.
var visits sync.Map

// website starts a server that is no Prefect server: it answers with a page, below /json with JSON. WEBSITE is its address.
func website(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: website")
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits.Store("http://"+r.Host, r.Header.Clone())
		if strings.HasPrefix(r.URL.Path, "/json") {
			w.Header().Set("Content-Type", "application/json")
			ts.Check(write(w, `{"hello": "world"}`))
			return
		}
		w.Header().Set("Content-Type", "text/html")
		ts.Check(write(w, "<html><title>Our wiki</title></html>"))
	}))
	ts.Defer(server.Close)
	u, err := url.Parse(server.URL)
	ts.Check(err)
	ts.Setenv("WEBSITE", server.URL)
	ts.Setenv("WEBSITE_PORT", u.Port())
}

func write(w http.ResponseWriter, text string) error {
	_, err := w.Write([]byte(text))
	return err
}

// seen checks a header of the website's last visitor: seen Authorization none.
func seen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: seen HEADER VALUE|none")
	}
	headers, visited := visits.Load(ts.Getenv("WEBSITE"))
	if !visited {
		ts.Fatalf("nobody visited the website")
	}
	got := "none"
	if h, ok := headers.(http.Header); ok && h.Get(args[0]) != "" {
		got = h.Get(args[0])
	}
	if got != args[1] {
		ts.Fatalf("the website got %s: %s", args[0], got)
	}
}

// guarded starts a real Prefect server that asks for the given user and password, and sets API.
func guarded(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: guarded USER:PASSWORD")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	_, port, err := net.SplitHostPort(listener.Addr().String())
	ts.Check(err)
	ts.Check(listener.Close())
	home := ts.MkAbs(".guarded")
	log := filepath.Join(home, "server.log")
	ts.Check(os.MkdirAll(home, 0o755))
	out, err := os.Create(log)
	ts.Check(err)
	cmd := exec.Command(os.Getenv("FLOWMAGE_TEST_PYTHON"), "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", port, "--no-services")
	cmd.Dir, cmd.Stdout, cmd.Stderr = home, out, out
	cmd.Env = append(clean(), "PREFECT_HOME="+home, "PREFECT_SERVER_API_AUTH_STRING="+args[0], "PREFECT_SERVER_ANALYTICS_ENABLED=false")
	ts.Check(cmd.Start())
	ts.Defer(func() {
		ts.Check(cmd.Process.Signal(os.Interrupt))
		if err := cmd.Wait(); err != nil {
			ts.Logf("the guarded server: %v", err) // it ends with the signal's code
		}
		ts.Check(out.Close())
	})
	ts.Setenv("API", "http://127.0.0.1:"+port+"/api")
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(2 * time.Minute)
	for {
		select {
		case <-deadline:
			ts.Fatalf("the server never answered:\n%s", ts.ReadFile(log))
		case <-tick.C:
			resp, err := http.Get("http://127.0.0.1:" + port + "/api/health")
			if err != nil {
				continue
			}
			ts.Check(resp.Body.Close())
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
	}
}
