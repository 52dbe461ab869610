package run

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefecttest"
)

// names are those of the runs.
func names(list []Orphan) []string {
	var out []string
	for _, o := range list {
		out = append(out, o.Name)
	}
	return out
}

func TestChosenAndStartable(t *testing.T) {
	t.Parallel()
	list := []Orphan{{ID: "1", Name: "fox"}, {ID: "2", Name: "owl", Begun: true}, {ID: "3", Name: "bee"}}
	for name, c := range map[string]struct {
		o          RescheduleOptions
		start      []string
		beside     string
		unknownRun bool
	}{
		"all":         {RescheduleOptions{}, []string{"fox", "bee"}, "-begun has it start again", false},
		"begun too":   {RescheduleOptions{Begun: true}, []string{"fox", "owl", "bee"}, "~ owl (2)", false},
		"by name, id": {RescheduleOptions{Runs: []string{"bee", "1"}}, []string{"bee", "fox"}, "~ bee (3)", false},
		"unknown":     {RescheduleOptions{Runs: []string{"elk"}}, nil, "", true},
	} {
		chosen, err := c.o.Chosen(list, "dev")
		if c.unknownRun {
			if fault.CodeOf(err) != fault.Usage {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		s, _, beside := told()
		if diff := cmp.Diff(c.start, names(c.o.Startable(s, chosen))); diff != "" || err != nil || !strings.Contains(beside.String(), c.beside) {
			t.Errorf("%s: %s, %v\n%s", name, diff, err, beside)
		}
	}
}

// A run that has moved on since it was found is not touched.
func TestReschedule(t *testing.T) {
	t.Parallel()
	since := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	found := func(state string, at time.Time) func(time.Time) any {
		return func(time.Time) any { return row{"id": "x", "state": row{"type": state, "timestamp": at}} }
	}
	accepted := func(time.Time) any { return row{"status": "ACCEPT"} }
	api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
		"/csrf-token":  func(time.Time) any { return row{"token": "t", "client": "c", "expiration": "2099-01-01T00:00:00Z"} },
		"/flow_runs/1": found("PENDING", since), "/flow_runs/1/set_state": accepted,
		"/flow_runs/2": found("RUNNING", since), "/flow_runs/2/set_state": accepted,
		"/flow_runs/3": found("PENDING", since.Add(time.Second)), "/flow_runs/3/set_state": accepted,
		"/flow_runs/4": found("PENDING", since), "/flow_runs/4/set_state": func(time.Time) any { return row{"status": "REJECT"} },
	})
	var list []Orphan
	for _, id := range []string{"1", "2", "3", "4"} {
		list = append(list, Orphan{ID: id, Name: "run-" + id, State: "PENDING", Since: since, Why: "its worker is gone"})
	}
	s, _, beside := told()
	again, err := Reschedule(t.Context(), s, api, list)
	if diff := cmp.Diff([]string{"run-1"}, names(again)); diff != "" || err != nil || strings.Count(beside.String(), "has moved on by itself") != 3 {
		t.Errorf("%s, %v\n%s", diff, err, beside)
	}
}
