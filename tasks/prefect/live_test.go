//go:build e2e

package prefect

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// live gives a client to the real server that FLOWMAGE_TEST_API names, and a word that marks what this test makes there.
func live(t *testing.T, trace func(Request)) (*Client, string) {
	t.Helper()
	url := prerequisite.Server(t)
	c, err := New(Options{URL: url, APIKey: os.Getenv("FLOWMAGE_TEST_API_KEY"), AuthString: os.Getenv("FLOWMAGE_TEST_API_AUTH"), Trace: trace})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, "client-test-" + strings.ToLower(rand.Text()[:8])
}

// absent checks that there is nothing to delete. Where the server was busy at first, the deletion may as well have been our own, whose
// answer was lost: then it counts as done.
func absent(t *testing.T, c *Client, remove func() error) {
	t.Helper()
	before := c.Busy()
	if err := remove(); !IsNotFound(err) && (err != nil || c.Busy() == before) {
		t.Errorf("got %v", err)
	}
}

func must[T any](t *testing.T) func(T, error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// liveFlow makes a flow that is deleted with all its deployments at the end.
func liveFlow(t *testing.T, c *Client, name string) Flow {
	t.Helper()
	f := must[Flow](t)(c.EnsureFlow(t.Context(), name))
	t.Cleanup(func() {
		if err := c.DeleteFlow(context.WithoutCancel(t.Context()), f.ID); err != nil {
			t.Error(err)
		}
	})
	return f
}

func TestLiveServer(t *testing.T) {
	c, _ := live(t, nil)
	ctx := t.Context()
	ok(t, c.Health(ctx))
	release := must[Release](t)(ParseRelease(must[string](t)(c.Version(ctx))))
	ok(t, release.Supported())
	ui := must[UISettings](t)(c.UISettings(ctx))
	if ui.APIURL == "" {
		t.Errorf("got %+v", ui)
	}
	if os.Getenv("FLOWMAGE_TEST_API_AUTH") != "" {
		stranger, err := New(Options{URL: c.URL(), AuthString: "admin:wrong"})
		ok(t, err)
		ok(t, stranger.Health(ctx))
		_, err = stranger.Version(ctx)
		wantFault(t, err, "doesn't accept the user and password", "PREFECT_API_AUTH_STRING")
	}
	root, err := New(Options{URL: strings.TrimSuffix(c.URL(), "/api")})
	ok(t, err)
	wantFault(t, root.Health(ctx), "write the API URL as "+c.URL())
}

func TestLivePool(t *testing.T) {
	c, name := live(t, nil)
	ctx := t.Context()
	name += " pool: ü"
	if _, exists, err := c.WorkPool(ctx, name); exists || err != nil {
		t.Fatalf("got %v, %v", exists, err)
	}
	template := json.RawMessage(`{"job_configuration":{"command":"x"},"variables":{"type":"object","properties":{}}}`)
	made := must[WorkPool](t)(c.CreateWorkPool(ctx, WorkPool{Name: name, Type: "process", Description: "d", BaseJobTemplate: template}))
	read, exists, err := c.WorkPool(ctx, name)
	if !exists || err != nil || read.ID != made.ID || read.Type != "process" || read.Description != "d" {
		t.Errorf("got %+v, %v, %v", read, exists, err)
	}
	if _, err := c.CreateWorkPool(ctx, WorkPool{Name: name, Type: "process"}); !IsConflict(err) {
		t.Errorf("got %v", err)
	}
	_, err = c.CreateWorkPool(ctx, WorkPool{Name: "prefect-x", Type: "process"})
	wantFault(t, err, "reserved", "choose another name")
	if workers := must[[]Worker](t)(c.OnlineWorkers(ctx, name)); len(workers) != 0 {
		t.Errorf("got %v", workers)
	}
	ok(t, c.UpdateWorkPool(ctx, name, map[string]any{"concurrency_limit": 3, "description": "e"}))
	read, _, err = c.WorkPool(ctx, name)
	if ok(t, err); *read.ConcurrencyLimit != 3 || read.Description != "e" || read.Type != "process" {
		t.Errorf("got %+v", read)
	}
	ok(t, c.UpdateWorkPool(ctx, name, map[string]any{"concurrency_limit": nil}))
	ok(t, c.CreateWorkQueue(ctx, name, map[string]any{"name": "q: ü", "priority": 1, "description": "d"}))
	if err := c.CreateWorkQueue(ctx, name, map[string]any{"name": "q: ü"}); !IsConflict(err) {
		t.Errorf("got %v", err)
	}
	ok(t, c.UpdateWorkQueue(ctx, name, "q: ü", map[string]any{"concurrency_limit": 2, "priority": 5}))
	queues := must[[]WorkQueue](t)(c.WorkQueues(ctx, name))
	if q := queues[1]; len(queues) != 2 || q.Name != "q: ü" || *q.ConcurrencyLimit != 2 || q.Priority != 5 || q.Description != "d" || queues[0].Priority != 2 {
		t.Errorf("got %+v", queues)
	}
	ok(t, c.DeleteWorkQueue(ctx, name, "q: ü"))
	if n := must[int](t)(c.CountDeployments(ctx, DeploymentFilter{Pools: []string{name}, Queues: []string{"default"}})); n != 0 {
		t.Errorf("%d deployments", n)
	}
	all := must[[]WorkPool](t)(c.WorkPools(ctx))
	if !slices.ContainsFunc(all, func(p WorkPool) bool { return p.ID == read.ID && p.ConcurrencyLimit == nil }) {
		t.Error("the list lacks the pool")
	}
	ok(t, c.DeleteWorkPool(ctx, name))
	absent(t, c, func() error { return c.DeleteWorkPool(ctx, name) })
}

func TestLiveDeployment(t *testing.T) {
	c, name := live(t, nil)
	ctx := t.Context()
	flow := liveFlow(t, c, name)
	if again := must[Flow](t)(c.EnsureFlow(ctx, name)); again.ID != flow.ID {
		t.Error("a second flow of that name")
	}
	if found := must[[]Flow](t)(c.FlowsByName(ctx, []string{name, "none-such"})); len(found) != 1 || found[0].ID != flow.ID {
		t.Errorf("got %v", found)
	}
	title := name + " a: ü"
	made := must[Deployment](t)(c.CreateDeployment(ctx, map[string]any{
		"name": title, "flow_id": flow.ID, "entrypoint": "f.py:f", "description": "x", "tags": []string{name},
		"parameter_openapi_schema": map[string]any{"type": "object", "properties": map[string]any{"big": map[string]any{}}},
		"parameters":               map[string]any{"big": json.Number("9007199254740993")}, "concurrency_limit": 2,
		"concurrency_options": map[string]any{"collision_strategy": "CANCEL_NEW"},
		"schedules":           []map[string]any{{"slug": "nightly", "schedule": map[string]any{"cron": "0 1 * * *", "timezone": "Europe/Berlin"}}},
	}))
	read := must[Deployment](t)(c.DeploymentByName(ctx, name, title))
	if made.ID != read.ID || read.ConcurrencyLimit == nil || *read.ConcurrencyLimit != 2 || *read.Description != "x" || read.Version != nil ||
		read.Parameters["big"] != json.Number("9007199254740993") || len(read.Schedules) != 1 || read.Schedules[0].Rule.Timezone != "Europe/Berlin" {
		t.Errorf("got %+v", read)
	}
	ok(t, c.UpdateDeployment(ctx, made.ID, map[string]any{"description": nil, "concurrency_limit": nil, "paused": true}))
	read = must[Deployment](t)(c.Deployment(ctx, made.ID))
	if read.Description != nil || read.ConcurrencyLimit != nil || !read.Paused {
		t.Errorf("got %+v", read)
	}
	liveSchedules(t, c, read)
	liveRuns(t, c, made.ID)
	liveRefusals(t, c, flow)
	ok(t, c.DeleteAutomationsOwnedBy(ctx, made.ID))
	ok(t, c.DeleteDeployment(ctx, made.ID))
	absent(t, c, func() error { return c.DeleteDeployment(ctx, made.ID) })
	if _, err := c.DeploymentByName(ctx, name, title); !IsNotFound(err) {
		t.Errorf("got %v", err)
	}
}

func liveSchedules(t *testing.T, c *Client, d Deployment) {
	t.Helper()
	ctx := t.Context()
	hourly := []map[string]any{{"slug": "hourly", "active": false, "schedule": map[string]any{"interval": 3600}}}
	made := must[[]Schedule](t)(c.CreateSchedules(ctx, d.ID, hourly))
	if len(made) != 1 || made[0].Slug != "hourly" || made[0].Active || made[0].Rule.Interval != 3600 || made[0].Rule.AnchorDate == "" {
		t.Fatalf("got %+v", made)
	}
	release := must[Release](t)(ParseRelease(must[string](t)(c.Version(ctx))))
	if _, err := c.CreateSchedules(ctx, d.ID, hourly); release.AtLeast(Release{Major: 3, Minor: 4}) && !IsConflict(err) {
		t.Errorf("a slug twice: got %v", err)
	}
	ok(t, c.UpdateSchedule(ctx, d.ID, made[0].ID, map[string]any{"active": true}))
	_, err := c.CreateSchedules(ctx, d.ID, []map[string]any{{"slug": "x", "schedule": map[string]any{"cron": "61 * * * *"}}})
	f := faultOf(t, err, fault.Server, "422", "Invalid cron string")
	if strings.Contains(f.Why, "Field required") || strings.Contains(f.Why, "interval") {
		t.Errorf("tells of other kinds of schedules: %s", f.Why)
	}
	ok(t, c.DeleteSchedule(ctx, d.ID, made[0].ID))
	absent(t, c, func() error { return c.DeleteSchedule(ctx, d.ID, made[0].ID) })
	left := must[[]Schedule](t)(c.Schedules(ctx, d.ID))
	if len(left) != 1 || left[0].ID != d.Schedules[0].ID {
		t.Errorf("got %+v", left)
	}
}

func liveRuns(t *testing.T, c *Client, deployment string) {
	t.Helper()
	ctx := t.Context()
	request := FlowRunRequest{Name: "r", Tags: []string{"t"}, Parameters: map[string]any{"a": 1}, IdempotencyKey: deployment}
	run := must[FlowRun](t)(c.CreateFlowRun(ctx, deployment, request))
	if again := must[FlowRun](t)(c.CreateFlowRun(ctx, deployment, request)); again.ID != run.ID {
		t.Error("the same key gave another run")
	}
	read := must[FlowRun](t)(c.FlowRun(ctx, run.ID))
	if read.Name != "r" || read.DeploymentID != deployment || read.State.Type != StateScheduled || read.State.Terminal() || read.AutoScheduled {
		t.Errorf("got %+v", read)
	}
	found := must[[]FlowRun](t)(c.ScheduledRuns(ctx, []string{deployment}))
	if len(found) == 0 {
		t.Error("the scheduled run is not listed")
	}
	if logs := must[[]Log](t)(c.Logs(ctx, run.ID, LogQuery{MinLevel: LevelInfo, After: time.Now().Add(-time.Hour)})); len(logs) != 0 {
		t.Errorf("got %v", logs)
	}
	stream := c.Follow(ctx, run.ID)
	if !hears(t, stream) || !stream.Live() {
		t.Error("the server tells nothing of a run")
	}
	answer := must[StateAnswer](t)(c.SetFlowRunState(ctx, run.ID, State{Type: StateCancelled, Message: "enough"}, false))
	if !hears(t, stream) {
		t.Error("the server does not tell of a new state")
	}
	if !answer.Accepted() {
		t.Errorf("got %+v", answer)
	}
	over := must[[]FlowRun](t)(c.FlowRuns(ctx, FlowRunFilter{DeploymentIDs: []string{deployment}, States: []string{StateCancelled}}))
	if len(over) != 1 || !over[0].State.Terminal() || over[0].State.Message != "enough" {
		t.Errorf("got %+v", over)
	}
}

func liveRefusals(t *testing.T, c *Client, f Flow) {
	t.Helper()
	for want, body := range map[string]map[string]any{
		`Work pool "none" not found.`: {"name": "x", "flow_id": f.ID, "work_pool_name": "none"},
		"foo: Extra inputs":           {"name": "x", "flow_id": f.ID, "foo": 1},
		"Invalid timezone":            {"name": "x", "flow_id": f.ID, "schedules": []any{map[string]any{"schedule": map[string]any{"cron": "0 1 * * *", "timezone": "Mars/X"}}}},
		"Invalid cron string":         {"name": "x", "flow_id": f.ID, "schedules": []any{map[string]any{"schedule": map[string]any{"cron": "bad"}}}},
		"schedules.0.schedule.rrule":  {"name": "x", "flow_id": f.ID, "schedules": []any{map[string]any{"schedule": map[string]any{"rrule": "bad"}}}},
		"valid timedelta":             {"name": "x", "flow_id": f.ID, "schedules": []any{map[string]any{"schedule": map[string]any{"interval": "often"}}}},
	} {
		_, err := c.CreateDeployment(t.Context(), body)
		got := faultOf(t, err, fault.Server, want)
		t.Log(got.Why)
		if strings.Contains(got.Why, "function-after") || strings.Contains(got.Why, "Field required") {
			t.Errorf("too much is told: %s", got.Why)
		}
	}
}

func TestLivePages(t *testing.T) {
	var busy, requests atomic.Int64
	c, name := live(t, func(r Request) {
		requests.Add(1)
		if r.Status == http.StatusServiceUnavailable {
			busy.Add(1)
		}
	})
	ctx := t.Context()
	flow := liveFlow(t, c, name)
	want := make([]string, 0, 205)
	for i := range 205 {
		want = append(want, fmt.Sprintf("%s-%03d", name, i))
		must[Deployment](t)(c.CreateDeployment(ctx, map[string]any{"name": want[i], "flow_id": flow.ID, "tags": []string{name}}))
	}
	t.Logf("%d of %d exchanges answered 503", busy.Load(), requests.Load())
	before := requests.Load()
	start := time.Now()
	all := must[[]Deployment](t)(c.Deployments(ctx, DeploymentFilter{Tags: []string{name}}))
	t.Logf("%d deployments in %s with %d requests", len(all), time.Since(start), requests.Load()-before)
	got := make([]string, 0, len(all))
	for _, d := range all {
		got = append(got, d.Name)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	some := must[[]Deployment](t)(c.Deployments(ctx, DeploymentFilter{Names: want[:1], IDs: []string{all[7].ID}, Or: true}))
	if len(some) != 2 {
		t.Errorf("got %d by name or id", len(some))
	}
	both := must[[]Deployment](t)(c.Deployments(ctx, DeploymentFilter{Names: want[:1], IDs: []string{all[7].ID}}))
	if len(both) != 0 {
		t.Errorf("got %d by name and id", len(both))
	}
}

// A lease is held by one at a time, runs on when renewed, and can be given back or broken.
func TestLiveLease(t *testing.T) {
	c, word := live(t, nil)
	ctx := t.Context()
	if release := must[Release](t)(ParseRelease(must[string](t)(c.Version(ctx)))); !release.AtLeast(Leases()) {
		_, err := c.AcquireLease(ctx, word, "6c1f4b6e-6f4f-4a53-9f5a-111111111111", time.Minute)
		if !IsMissingRoute(err) {
			t.Errorf("a server without leases: %v", err)
		}
		return
	}
	t.Cleanup(func() { ok(t, c.DeleteLimit(context.WithoutCancel(ctx), word)) })
	const me, you = "6c1f4b6e-6f4f-4a53-9f5a-111111111111", "6c1f4b6e-6f4f-4a53-9f5a-222222222222"
	lease := must[Lease](t)(c.AcquireLease(ctx, word, me, time.Minute))
	if _, err := c.AcquireLease(ctx, word, you, time.Minute); !errors.Is(err, ErrLocked) {
		t.Errorf("a held lease was given away: %v", err)
	}
	ok(t, c.RenewLease(ctx, lease, time.Minute))
	ok(t, c.ReleaseLease(ctx, lease))
	ok(t, c.ReleaseLease(ctx, lease))
	if err := c.RenewLease(ctx, lease, time.Minute); !errors.Is(err, ErrLeaseGone) {
		t.Errorf("a lease that is gone was renewed: %v", err)
	}
	must[Lease](t)(c.AcquireLease(ctx, word, you, time.Minute))
	ok(t, c.FreeLimit(ctx, word))
	ok(t, c.ReleaseLease(ctx, must[Lease](t)(c.AcquireLease(ctx, word, me, time.Minute))))
	if err := c.FreeLimit(ctx, word+"-none"); !IsNotFound(err) {
		t.Errorf("freeing nothing: %v", err)
	}
}

func TestLiveVariable(t *testing.T) {
	c, word := live(t, nil)
	ctx, name := t.Context(), strings.ReplaceAll(word, "-", "_")
	if _, there, err := c.Variable(ctx, name); there || err != nil {
		t.Fatal(there, err)
	}
	made := must[Variable](t)(c.MakeVariable(ctx, name, map[string]any{"a": 1}))
	if _, err := c.MakeVariable(ctx, name, 2); !IsConflict(err) {
		t.Errorf("a name was taken twice: %v", err)
	}
	ok(t, c.ChangeVariable(ctx, made.ID, map[string]any{"a": 2}))
	v, there, err := c.Variable(ctx, name)
	if err != nil || !there || string(v.Value) != `{"a":2}` {
		t.Errorf("%v %v %s", err, there, v.Value)
	}
	ok(t, c.RemoveVariable(ctx, made.ID))
	absent(t, c, func() error { return c.RemoveVariable(ctx, made.ID) })
	if err := c.ChangeVariable(ctx, made.ID, 1); !IsNotFound(err) {
		t.Error(err)
	}
}

func TestLiveArtifacts(t *testing.T) {
	c, word := live(t, nil)
	ctx := t.Context()
	for _, text := range []string{"first", "second"} {
		data := must[[]byte](t)(json.Marshal("# " + text))
		a := must[Artifact](t)(c.CreateArtifact(ctx, Artifact{Key: word, Type: "markdown", Description: text, Data: data, Metadata: map[string]string{"n": text}}))
		t.Cleanup(func() { ok(t, c.DeleteArtifact(context.WithoutCancel(ctx), a.ID)) })
	}
	list := must[[]Artifact](t)(c.Artifacts(ctx, word, 0))
	if len(list) != 2 || list[0].Description != "second" || string(list[0].Data) != `"# second"` || list[0].Metadata["n"] != "second" {
		t.Errorf("got %+v", list)
	}
	if newest := must[[]Artifact](t)(c.Artifacts(ctx, word, 1)); len(newest) != 1 || newest[0].Description != "second" {
		t.Errorf("got %+v", newest)
	}
}
