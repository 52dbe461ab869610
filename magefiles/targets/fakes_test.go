package targets

import (
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// fake starts a server that answers as no healthy Prefect server does, each time in the way that the first part of the path names:
// PREFECT_API_URL=$FAKE/html/api. FAKE_TLS is one with a certificate that nobody signed. Modes that begin with "write-" pass everything on
// to the real server at API, but for the creation of deployments.
func fake(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) > 0 {
		ts.Fatalf("usage: fake")
	}
	answers := answers(ts.Getenv("API"))
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		visits.Store("http://"+r.Host, r.Header.Clone())
		mode, rest, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		answer, known := answers[mode]
		if !known {
			http.Error(w, "no such mode", http.StatusTeapot)
			return
		}
		r.URL.Path = "/" + rest
		answer(w, r)
	})
	plain, secure := httptest.NewServer(handler), httptest.NewUnstartedServer(handler)
	secure.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of each refused handshake
	secure.StartTLS()
	ts.Defer(plain.Close)
	ts.Defer(secure.Close)
	ts.Setenv("FAKE", plain.URL)
	ts.Setenv("FAKE_TLS", secure.URL)
	ts.Setenv("WEBSITE", plain.URL)
	for name, server := range map[string]*httptest.Server{"FAKE_PORT": plain, "FAKE_TLS_PORT": secure} {
		u, err := url.Parse(server.URL)
		ts.Check(err)
		ts.Setenv(name, u.Port())
	}
}

// ephemeral is our own end of a connection, resolver the name server of this machine.
var (
	ephemeral = regexp.MustCompile(`127\.0\.0\.1:\d+->`)
	resolver  = regexp.MustCompile(`(lookup \S+) on \S+:\d+:`)
)

// named tells whether there is a name service that knows what does not exist.
func named() bool {
	_, err := net.LookupHost("no-such-host.invalid")
	unknown, ok := errors.AsType[*net.DNSError](err)
	return ok && unknown.IsNotFound
}

// answers gives the ways in which the fake server answers.
func answers(api string) map[string]http.HandlerFunc {
	out := map[string]http.HandlerFunc{
		"html":      always(http.StatusOK, "text/html", "<html><body>Sign in</body></html>"),
		"text":      always(http.StatusOK, "text/plain", "It works!"),
		"xml":       always(http.StatusOK, "application/xml", "<version>3.8.8</version>"),
		"empty":     always(http.StatusOK, "application/json", ""),
		"two":       always(http.StatusOK, "application/json", `"3.8.8" "3.8.9"`),
		"none":      always(http.StatusNotFound, "application/json", `{"detail":"Not Found"}`),
		"login":     always(http.StatusUnauthorized, "application/json", `{"exception_message":"Unauthorized"}`),
		"proxyauth": always(http.StatusForbidden, "text/html", "<html>Forbidden</html>"),
		"denied":    always(http.StatusForbidden, "application/json", `{"detail":"Forbidden"}`),
		"broken":    always(http.StatusInternalServerError, "application/json", `{"exception_message":"Internal Server Error"}`),
		"teapot":    always(http.StatusTeapot, "text/plain", "short and stout"),
		"busy":      later("0", http.StatusServiceUnavailable, "application/json", `{"exception_message":"Service Unavailable"}`),
		"gateway":   later("0", http.StatusBadGateway, "text/html", "<html>Bad Gateway</html>"),
		"limited":   later("0", http.StatusTooManyRequests, "application/json", `{"exception_message":"Rate limit exceeded"}`),
		"tomorrow":  later("86400", http.StatusTooManyRequests, "application/json", `{"exception_message":"Rate limit exceeded"}`),
		"moved":     moved(http.StatusFound, "https://login.example.com/start?token=very-secret"),
		"slash":     moved(http.StatusPermanentRedirect, "/right/api/admin/version"),
		"cut":       cut,
		"reset":     reset,
		"slow":      slow,
		"healthy":   healthy("3.8.8", nil),
		"old":       healthy("3.1.15", nil),
		"ancient":   healthy("2.20.4", nil),
		"nonsense":  healthy("latest", nil),
		"csrf":      healthy("3.8.8", always(http.StatusForbidden, "application/json", `{"detail":"Invalid CSRF token or client identifier."}`)),
		"detail": healthy("3.8.8", always(http.StatusUnprocessableEntity, "application/json",
			`{"detail":[{"type":"extra_forbidden","loc":["body","deployments","tags"],"msg":"Extra inputs are not permitted","input":"very-secret"}]}`)),
		"exception": healthy("3.8.8", always(http.StatusUnprocessableEntity, "application/json",
			`{"exception_message":"Invalid request received.","exception_detail":[{"type":"value_error","loc":["body","sort"],"msg":"Value error, no such order"}],"request_body":"very-secret"}`)),
		"number": healthy("3.8.8", always(http.StatusOK, "application/json", "17")),
	}
	target, err := url.Parse(strings.TrimSuffix(api, "/api"))
	if api == "" || err != nil {
		return out
	}
	onward := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }}
	for mode, answer := range map[string]http.HandlerFunc{
		"write-refused": always(http.StatusUnprocessableEntity, "application/json", `{"detail":"Error creating deployment: Validation failed for field 'env'."}`),
		"write-broken":  always(http.StatusInternalServerError, "application/json", `{"exception_message":"Internal Server Error"}`),
		"write-html":    always(http.StatusOK, "text/html", "<html>Sign in</html>"),
	} {
		out[mode] = func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPost && r.URL.Path == "/api/deployments/" {
				answer(w, r)
				return
			}
			onward.ServeHTTP(w, r)
		}
	}
	return out
}

func always(status int, kind, body string) http.HandlerFunc { return later("", status, kind, body) }

// later answers with a Retry-After.
func later(after string, status int, kind, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		if after != "" {
			w.Header().Set("Retry-After", after)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // whoever went away needs no answer
	}
}

func moved(status int, to string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, to, status) }
}

// cut promises more than it sends.
func cut(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", "4000")
	_, _ = io.WriteString(w, `"3.8`)
}

// reset breaks the connection off without an answer.
func reset(w http.ResponseWriter, _ *http.Request) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset instead of an orderly end
	}
	_ = conn.Close()
}

// slow never answers. Who asked goes away at some time, which is seen only when the request has been read.
func slow(_ http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	<-r.Context().Done()
}

// healthy is a server that holds nothing but the work pool p, and answers the listing of deployments by the given handler.
func healthy(version string, deployments http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body := "[]"
		switch path := strings.TrimPrefix(r.URL.Path, "/api"); {
		case path == "/admin/version":
			body = `"` + version + `"`
		case path == "/work_pools/filter":
			body = `[{"id":"00000000-0000-0000-0000-000000000001","name":"p","type":"process","base_job_template":{}}]`
		case path == "/csrf-token":
			body = `{"token":"t","client":"c","expiration":"2099-01-01T00:00:00Z"}`
		case path == "/deployments/filter" && deployments != nil:
			deployments(w, r)
			return
		case r.Method == http.MethodGet:
			always(http.StatusNotFound, "application/json", `{"detail":"Work pool not found."}`)(w, r)
			return
		}
		always(http.StatusOK, "application/json", body)(w, r)
	}
}
