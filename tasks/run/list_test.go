package run

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/session"
)

// Runs are listed with the names of their flow and deployment, and with their page.
func TestLatest(t *testing.T) {
	t.Parallel()
	api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
		"/deployments/filter": func(time.Time) any { return []row{{"id": "d", "name": "load-python-dev", "flow_id": "f"}} },
		"/flows/filter":       func(time.Time) any { return []row{{"id": "f", "name": "load"}} },
		"/flow_runs/filter": func(time.Time) any {
			return []row{{
				"id": "r", "name": "happy-fox", "flow_id": "f", "deployment_id": "d", "total_run_time": 1.5, "start_time": "2030-01-01T00:00:00Z", "state": row{"type": "COMPLETED", "name": "Completed"},
			}}
		},
	})
	got, err := Latest(t.Context(), session.Server{API: api, UI: "http://ui"}, ownership.Owner{Project: "shop", Env: "dev"}, nil, []string{"COMPLETED"}, 0)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	want := []Row{{
		ID: "r", Name: "happy-fox", Flow: "load", Deployment: "load-python-dev", State: "Completed", Type: "COMPLETED", Start: &start, Seconds: 1.5, Link: "http://ui/runs/flow-run/r",
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	s, out, beside := told()
	if err := ShowRuns(s, append(got, Row{Name: "not begun"})); err != nil || !strings.Contains(beside.String(), "2 runs") {
		t.Error(err, beside)
	}
	lines := strings.Split(out.String(), "\n")
	if len(lines) != 4 || strings.Join(strings.Fields(lines[2]), " ") != "not begun - 0.0" {
		t.Errorf("%q", lines)
	}
	empty := prefecttest.StandIn(t, 0, 0, nil)
	if got, err := Latest(t.Context(), session.Server{API: empty}, ownership.Owner{}, nil, nil, 0); err != nil || got == nil || len(got) > 0 {
		t.Errorf("%v, %v", got, err)
	}
}
