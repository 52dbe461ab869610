package prefect

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
)

func html(status int) reply {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "<!DOCTYPE html><html><title>Sign in</title></html>")
	}
}

func TestAnswerFaults(t *testing.T) {
	t.Parallel()
	text := func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "OK") }
	for name, c := range map[string]struct {
		reply reply
		want  []string
	}{
		"not true":        {says(200, "false"), []string{"no Prefect API", "false"}},
		"foreign JSON":    {says(200, `{"status":"UP"}`), []string{"no Prefect API, but some other service", `{\"status\":\"UP\"}`, "PREFECT_API_URL"}},
		"text":            {text, []string{"no Prefect API", "OK"}},
		"nothing":         {says(200, ""), []string{"no Prefect API", "nothing"}},
		"HTML":            {html(200), []string{"a web page came back", "login page"}},
		"HTML 404":        {html(404), []string{"a web page came back", "404"}},
		"HTML 403":        {html(403), []string{"proxy", "PREFECT_CLIENT_CUSTOM_HEADERS"}},
		"dead back end":   {html(502), []string{"the proxy in front of the Prefect server gets no answer", "start the Prefect server"}},
		"foreign 404":     {says(404, `{"status":404,"error":"Not Found"}`), []string{"no Prefect API", "404"}},
		"no such route":   {says(404, `{"detail":"Not Found"}`), []string{"no route /health", "PREFECT_API_URL", "3.2.0"}},
		"no such method":  {says(405, `{"detail":"Method Not Allowed"}`), []string{"no route /health"}},
		"unauthorized":    {says(401, `{"exception_message":"Unauthorized"}`), []string{"wants credentials", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"}},
		"proxy's 401":     {says(401, ""), []string{"wants credentials", "PREFECT_API_AUTH_STRING"}},
		"forbidden":       {says(403, `{"detail":"no access to this workspace"}`), []string{"doesn't allow GET /health", "no access", "PREFECT_API_KEY"}},
		"rate limit":      {says(429, `{"detail":"slow down"}`, "Retry-After", "3600"), []string{"429", "again in 1h0m0s"}},
		"internal":        {says(500, `{"exception_message":"Internal Server Error"}`), []string{"500", "server's log"}},
		"empty 500":       {says(500, ""), []string{"500", "server's log"}},
		"busy":            {says(503, busy), []string{"503", "SQLite"}},
		"upgrade to TLS":  {redirect("https"), []string{"sends us elsewhere", "write the API URL as https://"}},
		"bare redirect":   {says(302, ""), []string{"sends us elsewhere"}},
		"HTTPS, we HTTP":  {says(400, "Client sent an HTTP request to an HTTPS server."), []string{"no Prefect API", "HTTPS server"}},
		"too big":         {says(413, ""), []string{"413", "5 MiB"}},
		"two JSON values": {says(200, "true true"), []string{"no Prefect API"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, _, _ := serve(t, c.reply)
			wantFault(t, client.Health(t.Context()), c.want...)
		})
	}
}

// redirect sends the client to the same place with another scheme.
func redirect(scheme string) reply {
	return func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, scheme+"://"+r.Host+r.URL.Path, http.StatusMovedPermanently)
	}
}

func TestMissingAPIInURL(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(&script{replies: []reply{says(404, `{"detail":"Not Found"}`)}})
	t.Cleanup(server.Close)
	c, _ := client(t, Options{URL: server.URL})
	wantFault(t, c.Health(t.Context()), "write the API URL as "+server.URL+"/api")
}

func TestNetworkFaults(t *testing.T) {
	t.Parallel()
	dialFails := func(inner error) func(c *Client) {
		return func(c *Client) {
			c.transport.pool.DialContext = func(context.Context, string, string) (net.Conn, error) {
				return nil, &net.OpError{Op: "dial", Net: "tcp", Err: inner}
			}
		}
	}
	for name, c := range map[string]struct {
		prepare func(*Client)
		want    []string
	}{
		"no host":     {dialFails(&net.DNSError{Err: "no such host", Name: "prefect.test", IsNotFound: true}), []string{`no host "prefect.test"`, "PREFECT_API_URL"}},
		"dead DNS":    {dialFails(&net.DNSError{Err: "i/o timeout", Name: "prefect.test", IsTimeout: true}), []string{"no connection to prefect.test:4200"}},
		"unreachable": {dialFails(errors.New("no route to host")), []string{"no connection to prefect.test:4200", "no route to host"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, w := client(t, Options{URL: "http://prefect.test:4200/api"})
			c.prepare(client)
			wantFault(t, client.Health(t.Context()), c.want...)
			if len(w.list) > 1 {
				t.Errorf("%d waits for what can't be reached", len(w.list))
			}
		})
	}
}

func TestNoHTTP(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "SSH-2.0-OpenSSH_9.9\r\n")
			_ = conn.Close()
		}
	}()
	c, _ := client(t, Options{URL: "http://" + listener.Addr().String() + "/api"})
	f := faultOf(t, c.Health(t.Context()), fault.Server, listener.Addr().String())
	// Which one it is depends on whether our request or their greeting comes first.
	if !strings.Contains(f.What, "speaks no HTTP") && !strings.Contains(f.What, "broke") {
		t.Errorf("got %s", f.What)
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]func(http.ResponseWriter){
		"before the answer": func(http.ResponseWriter) {},
		"within the answer": func(w http.ResponseWriter) {
			_, _ = io.WriteString(w, "tr")
			_ = http.NewResponseController(w).Flush()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, s, _ := serveWith(t, Options{Timeout: 50 * time.Millisecond}, func(w http.ResponseWriter, r *http.Request) {
				first(w)
				<-r.Context().Done()
			})
			wantFault(t, c.Health(t.Context()), "did not answer GET /health within 50ms", "after 2 attempts", "PREFECT_API_REQUEST_TIMEOUT")
			if n := len(s.requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestTimeouts(t *testing.T) {
	t.Parallel()
	c, _ := client(t, Options{URL: "http://host/api"})
	for k, want := range map[*call]time.Duration{
		{method: "GET", path: "/x"}: readTimeout, {method: "POST", path: "/x/filter"}: readTimeout,
		{method: "POST", path: "/x/"}: writeTimeout, {method: "GET", path: "/x", limit: time.Second}: time.Second,
	} {
		if got := c.timeoutOf(*k); got != want {
			t.Errorf("%s %s: %s", k.method, k.path, got)
		}
	}
	c.timeout = time.Minute
	if got := c.timeoutOf(call{method: "POST", path: "/x/"}); got != time.Minute {
		t.Errorf("got %s", got)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := &script{replies: []reply{says(200, "true")}}
	server := httptest.NewUnstartedServer(s)
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	plainServer := httptest.NewServer(s)
	t.Cleanup(plainServer.Close)
	ca := filepath.Join(t.TempDir(), "ca.pem")
	block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(ca, block, 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(strings.TrimPrefix(server.URL, "https://"))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		o    Options
		want []string
	}{
		"unknown CA":    {Options{URL: server.URL}, []string{"signed by nobody", "PREFECT_API_SSL_CERT_FILE"}},
		"CA file":       {Options{URL: server.URL, CAFile: ca}, nil},
		"insecure":      {Options{URL: server.URL, Insecure: true}, nil},
		"other name":    {Options{URL: "https://localhost:" + port, CAFile: ca}, []string{"for another name"}},
		"plain HTTP":    {Options{URL: strings.Replace(plainServer.URL, "http", "https", 1)}, []string{"it speaks plain HTTP", "http://"}},
		"HTTP to HTTPS": {Options{URL: "http://127.0.0.1:" + port}, []string{"no Prefect API", "HTTPS server"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, w := client(t, c.o)
			err := client.Health(t.Context())
			if len(c.want) == 0 {
				if err != nil {
					t.Error(err)
				}
				return
			}
			wantFault(t, err, c.want...)
			if len(w.list) > 0 {
				t.Error("a certificate doesn't get better by waiting")
			}
		})
	}
}

// A refusal names the credentials that were sent.
func TestUnauthorized(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		options Options
		want    []string
	}{
		"none":     {Options{}, []string{"wants credentials", "PREFECT_API_KEY", "PREFECT_API_AUTH_STRING"}},
		"password": {Options{AuthString: "admin:hunter2"}, []string{"doesn't accept the user and password", "correct PREFECT_API_AUTH_STRING"}},
		"key":      {Options{APIKey: "hunter2"}, []string{"doesn't accept the API key", "correct PREFECT_API_KEY"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _, _ := serveWith(t, test.options, says(401, `{"exception_message":"Unauthorized"}`))
			wantFault(t, c.Health(t.Context()), test.want...)
		})
	}
}
