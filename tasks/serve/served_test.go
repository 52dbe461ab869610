package serve

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
)

// The server may answer with more than was asked for, and another flow may have a deployment of the same name: neither is touched.
func TestStanding(t *testing.T) {
	t.Parallel()
	api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
		"/deployments/filter": func(time.Time) any {
			return []map[string]any{
				{"id": "ours", "name": "a-serve-dev", "flow_id": "1"}, {"id": "another flow's", "name": "a-serve-dev", "flow_id": "2"},
				{"id": "unknown", "name": "b-serve-dev", "flow_id": "3"}, {"id": "not asked for", "name": "c-serve-dev", "flow_id": "1"},
			}
		},
		"/flows/filter": func(time.Time) any {
			return []map[string]any{{"id": "1", "name": "a"}, {"id": "2", "name": "A"}, {"id": "3", "name": "made by code"}}
		},
	})
	there, err := standing(t.Context(), api, map[string]plan.Desired{
		"a-serve-dev": {Flow: &flow.Flow{Name: "a"}}, "b-serve-dev": {Flow: &flow.Flow{Name: "b", NameExpr: "name()"}},
	})
	var got []string
	for _, x := range there {
		got = append(got, x.ID)
	}
	if diff := cmp.Diff([]string{"ours", "unknown"}, got); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// A schedule is told whole, because releases of Prefect fill in what is missing in different ways.
func TestScheduleOf(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		x    manifest.Schedule
		want map[string]any
	}{
		"cron":     {manifest.Schedule{Cron: "0 6 1 * 1"}, map[string]any{"cron": "0 6 1 * 1", "day_or": true}},
		"both":     {manifest.Schedule{Cron: "0 6 1 * 1", DayOr: new(false)}, map[string]any{"cron": "0 6 1 * 1", "day_or": false}},
		"interval": {manifest.Schedule{Interval: 60, Slug: "often"}, map[string]any{"interval": 60.0, "slug": "often"}},
	} {
		if diff := cmp.Diff(c.want, scheduleOf(c.x)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// What somebody else claims too is not served.
func TestNotServed(t *testing.T) {
	t.Parallel()
	pool := "p"
	owner := ownership.Owner{Project: "shop", Env: "dev"}
	for name, c := range map[string]struct {
		x    prefect.Deployment
		want string
	}{
		"ours":     {prefect.Deployment{Tags: []string{"nightly", "flowmage:shop/dev/serve"}}, ""},
		"nobody's": {prefect.Deployment{Tags: []string{"nightly"}}, "lacks the tag flowmage:shop/dev/serve"},
		"shared":   {prefect.Deployment{Tags: []string{"flowmage:shop/dev/serve", "flowmage:shop/prod"}}, "belongs to somebody else too: its tags are flowmage:shop/dev/serve, flowmage:shop/prod"},
		"in pool":  {prefect.Deployment{Tags: []string{"flowmage:shop/dev/serve"}, WorkPoolName: &pool}, "runs in the work pool p"},
	} {
		wrong := strings.Join(taken([]prefect.Deployment{c.x}, owner), "\n")
		if (wrong == "") != (c.want == "") || !strings.Contains(wrong, c.want) {
			t.Errorf("%s: %q, want %q", name, wrong, c.want)
		}
	}
}
