package register

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/session"
)

// Flows of one name are one flow to the server, and one that it knows stays as it is.
func TestFlows(t *testing.T) {
	t.Parallel()
	api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
		"/csrf-token": func(time.Time) any {
			return map[string]any{"token": "t", "client": "c", "expiration": "2099-01-01T00:00:00Z"}
		},
		"/flows/filter": func(time.Time) any { return []map[string]any{{"id": "1", "name": "old"}} },
		"/flows/":       func(time.Time) any { return map[string]any{"id": "2", "name": "new"} },
	})
	got, err := Flows(t.Context(), session.Server{API: api, UI: "http://ui"}, []flow.Flow{{Name: "new"}, {Name: "old"}, {Name: "new"}})
	want := []Row{{"new", "2", "http://ui/flows/flow/2", true}, {"old", "1", "http://ui/flows/flow/1", false}}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}
