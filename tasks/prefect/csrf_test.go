package prefect

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
)

// guarded is a server that protects its writes as Prefect does: one valid token a client, the newest.
type guarded struct {
	mutex   sync.Mutex
	log     []string
	issued  int
	client  string
	expires time.Time
}

func (g *guarded) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	g.log = append(g.log, r.Method+" "+r.URL.Path)
	switch {
	case r.URL.Path == "/api/csrf-token":
		g.issued++
		g.client = r.URL.Query().Get("client")
		says(200, fmt.Sprintf(`{"token":"t%d","client":%q,"expiration":%q}`, g.issued, g.client, g.expires.Format(time.RFC3339)))(w, r)
	case r.Method == http.MethodGet:
		says(200, "true")(w, r)
	case r.Header.Get("Prefect-Csrf-Token") == "":
		says(403, `{"detail":"Missing CSRF token."}`)(w, r)
	case r.Header.Get("Prefect-Csrf-Token") != fmt.Sprintf("t%d", g.issued) || r.Header.Get("Prefect-Csrf-Client") != g.client:
		says(403, `{"detail":"Invalid CSRF token or client identifier."}`)(w, r)
	default:
		says(201, `{"id":"1"}`)(w, r)
	}
}

func guard(t *testing.T) (*Client, *guarded) {
	t.Helper()
	g := &guarded{expires: time.Date(2026, 3, 1, 13, 0, 0, 0, time.UTC)}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	c, _ := client(t, Options{URL: server.URL + "/api"})
	c.now = func() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }
	return c, g
}

func TestCSRF(t *testing.T) {
	t.Parallel()
	c, g := guard(t)
	ensure := func() {
		t.Helper()
		if _, err := c.EnsureFlow(t.Context(), "f"); err != nil {
			t.Error(err)
		}
	}
	if err := c.Health(t.Context()); err != nil {
		t.Error(err)
	}
	ensure() // learns
	ensure() // knows
	g.issued++
	ensure() // somebody made the server forget ours
	c.now = func() time.Time { return g.expires.Add(-30 * time.Second) }
	g.expires = g.expires.Add(time.Hour)
	ensure() // renews before the end
	want := []string{
		"GET /api/health",
		"POST /api/flows/", "GET /api/csrf-token", "POST /api/flows/",
		"POST /api/flows/",
		"POST /api/flows/", "GET /api/csrf-token", "POST /api/flows/",
		"GET /api/csrf-token", "POST /api/flows/",
	}
	if diff := cmp.Diff(want, g.log); diff != "" {
		t.Error(diff)
	}
}

// Writers side by side learn the token once: a second one would make the server refuse the first.
func TestCSRFParallel(t *testing.T) {
	t.Parallel()
	c, g := guard(t)
	var group sync.WaitGroup
	for range 16 {
		group.Go(func() {
			if _, err := c.EnsureFlow(t.Context(), "f"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if g.issued != 1 {
		t.Errorf("%d tokens fetched", g.issued)
	}
}

func TestCSRFRefusedForGood(t *testing.T) {
	t.Parallel()
	token := says(200, `{"token":"t","expiration":"2999-01-01T00:00:00Z"}`)
	missing := says(403, `{"detail":"Missing CSRF token."}`)
	c, s, _ := serve(t, missing, token, missing)
	_, err := c.EnsureFlow(t.Context(), "f")
	wantFault(t, err, "Missing CSRF token.", "Prefect-Csrf headers")
	if n := len(s.requests()); n != 3 {
		t.Errorf("%d requests", n)
	}
	// Another 403 is no reason to ask for a token.
	c, s, _ = serve(t, says(403, `{"detail":"Work pools starting with 'Prefect' are reserved for internal use."}`))
	_, err = c.CreateWorkPool(t.Context(), WorkPool{Name: "prefect-x", Type: "process"})
	f := faultOf(t, err, fault.Server, "reserved", "choose another name")
	if strings.Contains(f.Next, "PREFECT_API_KEY") || len(s.requests()) != 1 {
		t.Errorf("got %+v after %d requests", f, len(s.requests()))
	}
}
