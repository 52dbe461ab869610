//go:build e2e

package apply_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// TestRunsAroundEdits writes deployments whose schedules have runs to come, late ones, and runs that people asked for. The server drops
// the runs to come with each write, and makes them again for the same times; the others stay. Old servers drop late ones too, and the plan says so.
func TestRunsAroundEdits(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	const yearly = `{cron: "0 6 1 1 *", timezone: Europe/Berlin}`
	names := []string{"field", "schedule", "added", "slug", "often"}
	var text strings.Builder
	text.WriteString("deployments:\n")
	for _, name := range names {
		rule := yearly
		if name == "often" {
			rule = "{interval: 4}"
		}
		fmt.Fprintf(&text, "  - {name: %s, entrypoint: \"flows/f.py:f\", parameters: {n: 1}, schedules: [%s], work_pool: {name: \"%%POOL%%\"}}\n", name, rule)
	}
	b.apply(t, text.String())
	ids := map[string]string{}
	for _, name := range names {
		d, err := b.api.DeploymentByName(ctx, b.flow.Name, name)
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = d.ID
	}
	byHand := map[string]prefect.FlowRun{}
	for _, name := range names {
		run, err := b.api.CreateFlowRun(ctx, ids[name], prefect.FlowRunRequest{Name: "by hand"})
		if err != nil {
			t.Fatal(err)
		}
		byHand[name] = run
	}
	before := map[string][]string{}
	var late []string
	await(t, "runs to come, and a late one", func() bool {
		for _, name := range names {
			before[name] = times(b.automatic(t, ids[name], time.Now()))
		}
		late = nil
		for _, r := range b.automatic(t, ids["often"], time.Time{}) {
			if r.ExpectedStart.Before(time.Now()) {
				late = append(late, r.ID)
			}
		}
		return len(late) > 0 && !slices.ContainsFunc(names, func(name string) bool { return len(before[name]) == 0 })
	})
	edited := text.String()
	for name, edit := range map[string][2]string{
		"field": {"n: 1", "n: 2"}, "schedule": {"Europe/Berlin", "Europe/Berlin, parameters: {n: 3}"}, "added": {yearly, yearly + `, {cron: "0 7 1 1 *", active: false}`},
		"slug": {"Europe/Berlin", "Europe/Berlin, slug: new-year"}, "often": {"n: 1", "n: 2"},
	} {
		line := "  - {name: " + name + ","
		from := strings.Index(edited, line)
		edited = edited[:from] + strings.Replace(edited[from:], edit[0], edit[1], 1)
	}
	p, state := b.compare(t, edited)
	if err := live.Precheck(ctx, b.api, &p, state); err != nil {
		t.Fatal(err)
	}
	drops := false // late ones
	for _, a := range p.Actions {
		told := strings.Contains(strings.Join(a.Notes, "\n"), "drops them when the deployment is written")
		if drops = drops || told; told && a.Name != "often" {
			t.Errorf("%s has no late runs: %q", a.Name, a.Notes)
		}
	}
	if p.Count(plan.Update) != len(names) {
		t.Fatal(p.Summary())
	}
	b.apply(t, edited)
	left := b.automatic(t, ids["often"], time.Time{})
	for _, id := range late {
		if there := slices.ContainsFunc(left, func(r prefect.FlowRun) bool { return r.ID == id }); there == drops {
			t.Errorf("a late run is there: %v, the plan says that it is dropped: %v", there, drops)
		}
	}
	for name, run := range byHand {
		if now, err := b.api.FlowRun(ctx, run.ID); err != nil || now.State.Type != prefect.StateScheduled {
			t.Errorf("%s: the run that somebody asked for: %v %+v", name, err, now.State)
		}
	}
	for _, name := range names[:len(names)-1] {
		await(t, "the same runs for "+name, func() bool { return slices.Equal(times(b.automatic(t, ids[name], time.Now())), before[name]) })
	}
}

// await asks until it is so, for five minutes at most: the server's scheduler looks at everything once a minute, and on a busy machine more seldom.
func await(t *testing.T, what string, so func() bool) {
	t.Helper()
	tick := time.NewTicker(300 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(5 * time.Minute)
	for !so() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("never came: %s", what)
		}
	}
}

// automatic gives the runs of a deployment that its schedules have made and that have not begun, the next one first.
func (b *bench) automatic(t *testing.T, id string, after time.Time) []prefect.FlowRun {
	t.Helper()
	list, err := b.api.FlowRuns(t.Context(), prefect.FlowRunFilter{
		DeploymentIDs: []string{id}, States: []string{prefect.StateScheduled}, ExpectedAfter: after, Sort: "EXPECTED_START_TIME_ASC",
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.DeleteFunc(list, func(r prefect.FlowRun) bool { return !r.AutoScheduled })
}

func times(runs []prefect.FlowRun) []string {
	out := make([]string, 0, len(runs))
	for _, r := range runs {
		out = append(out, r.ExpectedStart.UTC().Format(time.RFC3339))
	}
	return out
}

// TestSchedulesAreMadeOnce loses the answers to requests that make schedules. The server takes one without a slug as often as it is sent, so what is
// there is looked at before it is sent again.
func TestSchedulesAreMadeOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	const one = `deployments: [{name: one, entrypoint: "flows/f.py:f", schedules: [{cron: "0 6 * * *"}], work_pool: {name: "%POOL%"}}]`
	const three = `deployments: [{name: one, entrypoint: "flows/f.py:f", schedules: [{cron: "0 6 * * *"}, {cron: "0 7 * * *"}, {cron: "0 7 * * *"}], work_pool: {name: "%POOL%"}}]`
	b.apply(t, one)
	for name, lost := range map[string]struct{ before, after int }{"the answer": {0, 1}, "some answers": {0, 3}, "the request": {2, 0}, "both": {1, 1}} {
		target, err := url.Parse(strings.TrimSuffix(b.api.URL(), "/api"))
		if err != nil {
			t.Fatal(err)
		}
		proxy := httputil.NewSingleHostReverseProxy(target)
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			switch {
			case r.Method != http.MethodPost || !strings.HasSuffix(r.URL.Path, "/schedules"):
				proxy.ServeHTTP(w, r)
			case lost.before > 0:
				lost.before--
				hangUp(w)
			default:
				if lost.after--; lost.after >= 0 {
					proxy.ServeHTTP(httptest.NewRecorder(), r)
					hangUp(w)
					return
				}
				proxy.ServeHTTP(w, r)
			}
		}))
		api, err := prefect.New(prefect.Options{URL: server.URL + "/api"})
		if err != nil {
			t.Fatal(err)
		}
		r, err := apply.Apply(t.Context(), api, b.plan(t, three), apply.Options{})
		if err != nil || len(r.Failed()) > 0 {
			t.Errorf("lost %s: %v %+v", name, err, r.Failed())
		}
		d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, "one")
		if err != nil || len(d.Schedules) != 3 {
			t.Errorf("lost %s: %v %+v", name, err, d.Schedules)
		}
		api.Close()
		server.Close()
		b.apply(t, one)
	}
}
