package targets

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/flowmage/flowmage/tasks/prerequisite"
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
	server, err := prerequisite.Launch(context.Background(), os.Getenv("FLOWMAGE_TEST_PYTHON"), ts.MkAbs(".guarded"),
		[]string{"PREFECT_SERVER_API_AUTH_STRING=" + args[0]}, "--no-services")
	ts.Check(err)
	ts.Defer(server.Stop)
	ts.Setenv("API", server.API)
}
