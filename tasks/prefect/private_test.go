package prefect

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/flowmage/flowmage/tasks/fault"
)

// Whoever has judged them before: over plain http credentials stay on this machine.
func TestPlainHTTPStaysHere(t *testing.T) {
	t.Parallel()
	for address, allowed := range map[string]bool{
		"http://127.0.0.1:4200/api": true, "http://[::1]:4200/api": true, "http://localhost:4200/api": true, "https://prefect.example.com/api": true,
		"http://prefect.example.com/api": false, "http://10.0.0.1:4200/api": false, "http://localhost.example.com/api": false, "http://0.0.0.0/api": false,
	} {
		for name, o := range map[string]Options{"key": {APIKey: "word1234"}, "auth": {AuthString: "me:word1234"}, "headers": {Headers: map[string]string{"X-Gate": "word1234"}}} {
			o.URL = address
			_, err := New(o)
			if allowed != (err == nil) || err != nil && (fault.CodeOf(err) != fault.Refused || strings.Contains(err.Error(), "word1234")) {
				t.Errorf("%s to %s: %v", name, address, err)
			}
		}
		if _, err := New(Options{URL: address}); err != nil {
			t.Errorf("nothing secret to %s: %v", address, err)
		}
	}
	if err := stayHere("tcp", "10.0.0.1:4200", nil); !errors.Is(err, errElsewhere) {
		t.Errorf("a name that leads elsewhere: %v", err)
	}
	if err := stayHere("tcp", "[::1]:4200", nil); err != nil {
		t.Error(err)
	}
}

// A proxy reads what is sent by plain http, so nothing secret goes through one.
func TestPlainHTTPTakesNoProxy(t *testing.T) {
	t.Parallel()
	var proxied, straight atomic.Int64
	count := func(n *atomic.Int64) *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			n.Add(1)
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte("true"))
		}))
		t.Cleanup(s.Close)
		return s
	}
	proxy, server := count(&proxied), count(&straight)
	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{URL: server.URL + "/api", Proxy: http.ProxyURL(at)}
	for _, auth := range []string{"", "me:word1234"} {
		o.AuthString = auth
		c, err := New(o)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Health(context.Background()); err != nil {
			t.Error(err)
		}
		if through, err := c.Proxy(); (through == nil) != (auth != "") || err != nil {
			t.Errorf("with %q through %v, %v", auth, through, err)
		}
		c.Close()
	}
	if proxied.Load() != 1 || straight.Load() != 1 {
		t.Errorf("%d through the proxy, %d straight", proxied.Load(), straight.Load())
	}
}

// A stream that is sent elsewhere does not go there.
func TestStreamIsNotRedirected(t *testing.T) {
	t.Parallel()
	var stolen atomic.Int64
	thief := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { stolen.Add(1) }))
	defer thief.Close()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, thief.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}))
	defer server.Close()
	c, err := New(Options{URL: server.URL + "/api", AuthString: "me:word1234", Headers: map[string]string{"X-Gate": "word1234"}})
	if err != nil {
		t.Fatal(err)
	}
	s := &Stream{stirred: make(chan struct{}, 1)}
	if c.listen(t.Context(), "1", s) {
		t.Error("it is asked again")
	}
	if stolen.Load() > 0 {
		t.Error("it went to another server")
	}
}

// Whatever asks for it, a request with credentials to another origin is not sent.
func TestTransportStaysWithItsOrigin(t *testing.T) {
	t.Parallel()
	c, err := New(Options{URL: "https://prefect.example.com/api", APIKey: "word1234", Proxy: func(*http.Request) (*url.URL, error) { return nil, errTooLarge }})
	if err != nil {
		t.Fatal(err)
	}
	for address, elsewhere := range map[string]bool{
		"https://prefect.example.com/other": false, "http://prefect.example.com/api": true, "https://prefect.example.com:8443/api": true,
		"https://prefect.example.com.thief.example.com/api": true,
	} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.transport.RoundTrip(r) //nolint:bodyclose // there is none: the proxy ends it
		if errors.Is(err, errElsewhere) != elsewhere || err == nil {
			t.Errorf("%s: %v", address, err)
		}
	}
}
