// Package prefecttest plays a Prefect server for tests that need no process. Start with [StandIn].
package prefecttest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// StandIn gives the client of a server whose clock is ahead of this machine's, and which tells a time that is ahead of its own clock by told.
// rows make the answers, by path, anew for each question and by the server's clock; other paths have none.
func StandIn(t *testing.T, ahead, told time.Duration, rows map[string]func(now time.Time) any) *prefect.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().UTC().Add(ahead)
		w.Header().Set("Date", now.Add(told).Format(http.TimeFormat))
		answer := any([]any{})
		if rows[r.URL.Path] != nil {
			answer = rows[r.URL.Path](now)
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(server.Close)
	api, err := prefect.New(prefect.Options{URL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.Close)
	return api
}
