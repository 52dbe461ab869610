// Package prefecttest plays a Prefect server for tests that need no process, and does on a real one what only other hands do. Start with [StandIn].
package prefecttest

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// Busy is the answer of a server whose database is locked.
const Busy = busy(http.StatusServiceUnavailable)

type busy int

// StandIn gives the client of a server whose clock is ahead of this machine's, and which tells a time that is ahead of its own clock by told.
// rows make the answers, by path, anew for each question and by the server's clock: nil is not found, and [Busy] an answer of 503. Other
// paths give an empty list.
func StandIn(t *testing.T, ahead, told time.Duration, rows map[string]func(now time.Time) any) *prefect.Client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		now := time.Now().UTC().Add(ahead)
		w.Header().Set("Date", now.Add(told).Format(http.TimeFormat))
		answer := any([]any{})
		if row, known := rows[r.URL.Path]; known {
			answer = row(now)
		}
		switch answer {
		case nil:
			w.WriteHeader(http.StatusNotFound)
			answer = map[string]any{"detail": "there is none"}
		case Busy:
			w.WriteHeader(http.StatusServiceUnavailable)
			answer = map[string]any{"exception_message": "Service Unavailable"}
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
