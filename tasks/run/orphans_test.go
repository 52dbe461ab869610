package run

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// TestLeftBehind gives runs of every fate to a server that answers as Prefect does; the live one is in magefiles/targets.
func TestLeftBehind(t *testing.T) {
	t.Parallel()
	now := time.Now().UTC().Truncate(time.Second)
	type fields = map[string]any
	run := func(id, state string, ago time.Duration, worker string) fields {
		labels := fields{}
		if worker != "" {
			labels["prefect.worker.name"] = worker
		}
		return fields{
			"id": id, "name": id, "work_pool_name": "p", "labels": labels, "state": fields{"type": state, "name": state, "timestamp": now.Add(-ago)},
		}
	}
	runs := []fields{
		run("dead-pending", "PENDING", time.Second, "dead"),
		run("dead-running", "RUNNING", 2*time.Minute, "dead"),
		run("dead-but-breathing", "RUNNING", 2*time.Minute, "dead"),
		run("dead-just-begun", "RUNNING", time.Minute, "dead"),
		run("unknown-worker", "PENDING", time.Second, "nobody"),
		run("alive-pending", "PENDING", time.Hour, "alive"),
		run("alive-running", "RUNNING", time.Hour, "alive"),
		run("again-before", "PENDING", time.Hour, "again"),
		run("again-after", "PENDING", time.Second, "again"),
		run("unsigned-old", "PENDING", 80*time.Second, ""),
		run("unsigned-new", "PENDING", 60*time.Second, ""),
		run("served", "RUNNING", time.Hour, ""),
		run("served-silent", "RUNNING", time.Hour, ""),
		run("served-breathing", "RUNNING", time.Hour, ""),
	}
	workers := []fields{
		{"name": "dead", "last_heartbeat_time": now.Add(-66 * time.Second), "heartbeat_interval_seconds": 30},
		{"name": "alive", "last_heartbeat_time": now.Add(-60 * time.Second), "heartbeat_interval_seconds": 30},
		{"name": "again", "last_heartbeat_time": now, "heartbeat_interval_seconds": 30},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Date", now.Format(http.TimeFormat))
		var answer any
		switch {
		case strings.HasSuffix(r.URL.Path, "/flow_runs/filter"):
			answer = runs
		case strings.HasSuffix(r.URL.Path, "/workers/filter"):
			answer = workers
		case strings.HasSuffix(r.URL.Path, "/events/filter"):
			answer = fields{"events": heartbeats(t, r, now, map[string]time.Duration{
				"dead-but-breathing": 20 * time.Second, "served-breathing": 20 * time.Second, "served-silent": 10 * time.Minute,
			})}
		}
		if err := json.NewEncoder(w).Encode(answer); err != nil {
			t.Error(err)
		}
	}))
	defer server.Close()
	api, err := prefect.New(prefect.Options{URL: server.URL + "/api"})
	if err != nil {
		t.Fatal(err)
	}
	left, err := orphans(t.Context(), api, []string{"flowmage:x/dev"}, map[string]time.Time{"again": now.Add(-time.Minute)})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, l := range left {
		got[l.ID] = l.Why
		if l.Begun != (l.State == prefect.StateRunning) {
			t.Errorf("%s: begun %t", l.ID, l.Begun)
		}
	}
	want := map[string]string{
		"dead-pending": "its worker dead is gone", "dead-running": "its worker dead is gone", "unknown-worker": "its worker nobody is gone",
		"again-before": "its worker again has been started anew since", "unsigned-old": "nobody has signed for it",
		"served-silent": "it gives no sign of life any more",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// heartbeats gives those of the last signs of life that the request asks for.
func heartbeats(t *testing.T, r *http.Request, now time.Time, last map[string]time.Duration) []map[string]any {
	t.Helper()
	var asked struct {
		Filter struct {
			Occurred struct{ Since time.Time }
			Resource struct{ ID []string }
		}
	}
	if err := json.NewDecoder(r.Body).Decode(&asked); err != nil {
		t.Error(err)
	}
	out := []map[string]any{}
	for _, id := range asked.Filter.Resource.ID {
		ago, gave := last[strings.TrimPrefix(id, "prefect.flow-run.")]
		if at := now.Add(-ago); gave && at.After(asked.Filter.Occurred.Since) {
			out = append(out, map[string]any{"occurred": at, "resource": map[string]any{"prefect.resource.id": id}})
		}
	}
	return out
}
