package prefect

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/coder/websocket/wsjson"
)

// hears waits for a stir, and says whether one came.
func hears(t *testing.T, s *Stream) bool {
	t.Helper()
	select {
	case <-s.Stirred:
		return true
	case <-time.After(20 * time.Second):
		return false
	}
}

// TestFollow lets a server tell of a run as Prefect's does: the credentials come first, in a message.
func TestFollow(t *testing.T) {
	t.Parallel()
	news := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := websocket.Accept(w, r, &websocket.AcceptOptions{Subprotocols: []string{"prefect"}})
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.CloseNow() //nolint:errcheck // the test is over
		var first, second map[string]any
		if wsjson.Read(r.Context(), conn, &first) != nil || first["token"] != "admin:pass" || conn.Subprotocol() != "prefect" {
			t.Errorf("%v %s", first, conn.Subprotocol())
			return
		}
		_ = wsjson.Write(r.Context(), conn, map[string]any{"type": "auth_success"})
		if wsjson.Read(r.Context(), conn, &second) != nil || second["type"] != "filter" {
			t.Errorf("%v", second)
			return
		}
		for range news {
			_ = wsjson.Write(r.Context(), conn, map[string]any{"type": "event", "event": map[string]any{}})
		}
	}))
	t.Cleanup(server.Close)
	t.Cleanup(func() { close(news) })
	c, _ := client(t, Options{URL: server.URL + "/api", AuthString: "admin:pass"})
	s := c.Follow(t.Context(), "1")
	for !s.Live() {
		if !hears(t, s) {
			t.Fatal("it never tells that it begins")
		}
	}
	news <- struct{}{}
	if !hears(t, s) {
		t.Error("it does not pass on what the server tells")
	}
}

// A server without streams leaves the stream silent; it is not asked again.
func TestFollowRefused(t *testing.T) {
	t.Parallel()
	asked := make(chan string, 9)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		http.Redirect(w, r, "http://elsewhere.invalid/", http.StatusFound)
	}))
	t.Cleanup(server.Close)
	c, _ := client(t, Options{URL: server.URL + "/api"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &Stream{stirred: make(chan struct{}, 1)}
	if c.listen(ctx, "1", s) {
		t.Error("it would be asked for again")
	}
	if s.Live() || len(asked) != 1 {
		t.Errorf("live %t, %d requests", s.Live(), len(asked))
	}
}
