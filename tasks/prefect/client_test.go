package prefect

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/fault"
)

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, []byte("no certificate"), 0o600); err != nil {
		t.Fatal(err)
	}
	good := "http://127.0.0.1:4200/api"
	for name, c := range map[string]struct {
		o    Options
		want string
	}{
		"empty":          {Options{}, "it is empty"},
		"no scheme":      {Options{URL: "localhost:4200/api"}, "must start with http:// or https://"},
		"other scheme":   {Options{URL: "ftp://host/api"}, "must start with http:// or https://"},
		"no host":        {Options{URL: "http:///api"}, "it has no host"},
		"no URL":         {Options{URL: "http://[::1/api"}, "can't be parsed"},
		"password":       {Options{URL: "http://me:secret@host/api"}, "PREFECT_API_AUTH_STRING"},
		"odd password":   {Options{URL: "http://me:sec%ret@host/api"}, "can't be parsed"},
		"query":          {Options{URL: "http://host/api?x=1"}, "something follows its path"},
		"no CA file":     {Options{URL: good, CAFile: "gone.pem"}, "gone.pem"},
		"empty CA file":  {Options{URL: good, CAFile: empty}, "no PEM certificate"},
		"header name":    {Options{URL: good, Headers: map[string]string{"a b": "secret"}}, "characters that no header's name may have"},
		"header value":   {Options{URL: good, Headers: map[string]string{"x": "secret\n"}}, "a line break"},
		"broken API key": {Options{URL: good, APIKey: "secret\n"}, "PREFECT_API_KEY"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := New(c.o)
			f := faultOf(t, err, fault.Usage, c.want)
			if text := f.Error(); strings.Contains(text, "secret") || strings.Contains(text, "sec%ret") {
				t.Errorf("the secret is in the message: %s", text)
			}
		})
	}
}

func TestRequestHeaders(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		o    Options
		want map[string]string
	}{
		"none":        {Options{}, map[string]string{"Authorization": "", "User-Agent": "flowmage/dev"}},
		"key":         {Options{APIKey: "k1", Version: "1.2"}, map[string]string{"Authorization": "Bearer k1", "User-Agent": "flowmage/1.2"}},
		"auth string": {Options{AuthString: "admin:pass"}, map[string]string{"Authorization": "Basic YWRtaW46cGFzcw=="}},
		"both":        {Options{APIKey: "k1", AuthString: "admin:pass"}, map[string]string{"Authorization": "Basic YWRtaW46cGFzcw=="}},
		"own": {
			Options{Headers: map[string]string{"x-team": "rpa", "user-agent": "me", "prefect-csrf-token": "t", "Prefect-Csrf-Client": "c"}},
			map[string]string{"X-Team": "rpa", "User-Agent": "flowmage/dev", "Prefect-Csrf-Token": "", "Prefect-Csrf-Client": ""},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, s, _ := serveWith(t, c.o, says(200, `{"id":"1"}`))
			if _, err := client.EnsureFlow(t.Context(), "f"); err != nil {
				t.Fatal(err)
			}
			got := s.requests()[0]
			for key, want := range c.want {
				if have := got.header.Get(key); have != want {
					t.Errorf("%s is %q, want %q", key, have, want)
				}
			}
			if got.Path != "/api/flows/" || got.length != int64(len(got.Body)) || got.header.Get("Content-Type") != "application/json" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestGzipAndTrace(t *testing.T) {
	t.Parallel()
	var mutex sync.Mutex
	var told []Request
	c, s, _ := serveWith(t, Options{Trace: func(r Request) {
		mutex.Lock()
		defer mutex.Unlock()
		told = append(told, r)
	}}, says(503, busy), resets, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `[{"id":"1","name":"f"}]`)
		_ = z.Close()
	})
	got, err := c.FlowsByName(t.Context(), []string{"f"})
	if err != nil || len(got) != 1 || got[0].Name != "f" {
		t.Fatalf("got %v, %v", got, err)
	}
	if accepted := s.requests()[0].header.Get("Accept-Encoding"); accepted != "gzip" {
		t.Errorf("accepts %q", accepted)
	}
	sent := int64(len(s.requests()[0].Body))
	want := []Request{
		{Method: "POST", Path: "/flows/filter", Status: 503, Sent: sent, Received: int64(len(busy)), Attempt: 1},
		{Method: "POST", Path: "/flows/filter", Sent: sent, Attempt: 2},
		{Method: "POST", Path: "/flows/filter", Status: 200, Sent: sent, Received: 23, Attempt: 3},
	}
	if diff := cmp.Diff(want, told, cmpopts.IgnoreFields(Request{}, "Duration", "Err")); diff != "" {
		t.Error(diff)
	}
	if told[1].Err == nil || told[0].Err != nil || told[2].Duration <= 0 {
		t.Errorf("got %+v", told)
	}
}

func TestRedirectKeepsCredentials(t *testing.T) {
	t.Parallel()
	other := &script{replies: []reply{says(200, "true")}}
	elsewhere := httptest.NewServer(other)
	t.Cleanup(elsewhere.Close)
	c, _, _ := serveWith(t, Options{APIKey: "k1"}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/login?state=secret", http.StatusTemporaryRedirect)
	})
	err := c.Health(t.Context())
	f := faultOf(t, err, fault.Server, "elsewhere", elsewhere.URL+"/login", "PREFECT_CLIENT_CUSTOM_HEADERS")
	if strings.Contains(f.Error(), "secret") {
		t.Error("the query is in the message")
	}
	if n := len(other.requests()); n != 0 {
		t.Errorf("the other host got %d requests", n)
	}
}

func TestIsWrite(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		method, path string
		want         bool
	}{
		{"GET", "/deployments/1", false},
		{"POST", "/deployments/filter", false},
		{"POST", "/flow_runs/count", false},
		{"POST", "/deployments/paginate?x=1", false},
		{"POST", "/events/count-by", false},
		{"POST", "/events/count-by/event", false},
		{"POST", "/deployments/", true},
		{"POST", "/deployments/1/create_flow_run", true},
		{"POST", "/filter/", false},
		{"PATCH", "/deployments/filter", true},
		{"DELETE", "/deployments/1", true},
		{"PUT", "/automations/1", true},
	} {
		if got := IsWrite(c.method, c.path); got != c.want {
			t.Errorf("%s %s: %v", c.method, c.path, got)
		}
	}
}

func TestLinks(t *testing.T) {
	t.Parallel()
	for api, want := range map[string]string{
		"http://127.0.0.1:4200/api/":                                  "http://127.0.0.1:4200/deployments/deployment/d1",
		"https://prefect.example.com/team/api":                        "https://prefect.example.com/team/deployments/deployment/d1",
		"https://api.prefect.cloud/api/accounts/a/workspaces/w":       "https://app.prefect.cloud/account/a/workspace/w/deployments/deployment/d1",
		"https://prefect.example.com/no-api-in-front/accounts/a/here": "https://prefect.example.com/no-api-in-front/accounts/a/here/deployments/deployment/d1",
	} {
		if got := DeploymentLink(UIBase(api), "d1"); got != want {
			t.Errorf("%s: got %s, want %s", api, got, want)
		}
	}
	got := []string{FlowRunLink("b/", "1"), FlowLink("b", "my flow")}
	want := []string{"b/runs/flow-run/1", "b/flows/flow/my%20flow"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]Release{
		"3.8.8": {3, 8, 8, false}, "3.8.4.dev6": {3, 8, 4, false}, "3.6.0+12.gabc.dirty": {3, 6, 0, false},
		"3.0.0rc1": {3, 0, 0, false}, "3.2": {3, 2, 0, false}, "cloud": {Cloud: true},
	} {
		got, err := ParseRelease(text)
		if err != nil || got != want {
			t.Errorf("%s: got %v, %v", text, got, err)
		}
	}
	_, err := ParseRelease("nginx")
	wantFault(t, err, `"nginx"`)
	old, newer := Release{Major: 3, Minor: 1, Patch: 15}, Release{Major: 3, Minor: 10}
	if old.AtLeast(Oldest()) || !newer.AtLeast(Leases()) || !Oldest().AtLeast(Oldest()) || !(Release{Cloud: true}).AtLeast(newer) {
		t.Error("wrong order")
	}
	wantFault(t, old.Supported(), "3.1.15", "3.2.0 or newer")
	wantFault(t, Release{Major: 4}.Supported(), "4.0.0")
	if newer.Supported() != nil || (Release{Cloud: true}).Supported() != nil {
		t.Error("a good server is refused")
	}
}
