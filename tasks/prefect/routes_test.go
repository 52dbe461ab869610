package prefect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestRoutes pins what goes over the wire for each method: one request, its path with the slash that Prefect wants, its body.
func TestRoutes(t *testing.T) {
	t.Parallel()
	type fields = map[string]any
	for name, c := range map[string]struct {
		call  func(context.Context, *Client) error
		want  string
		body  string
		reply string
	}{
		"version": {func(ctx context.Context, c *Client) error { _, err := c.Version(ctx); return err }, "GET /api/admin/version", "", `"3.8.8"`},
		"ui":      {func(ctx context.Context, c *Client) error { _, err := c.UISettings(ctx); return err }, "GET /ui-settings", "", `{"auth":null}`},
		"flow":    {func(ctx context.Context, c *Client) error { _, err := c.EnsureFlow(ctx, "f"); return err }, "POST /api/flows/", `{"name":"f"}`, `{}`},
		"flows by id": {func(ctx context.Context, c *Client) error {
			_, err := c.FlowsByID(ctx, []string{"2", "1", "2"})
			return err
		}, "POST /api/flows/filter", `{"flows":{"id":{"any_":["1","2"]}},"limit":200}`, `[]`},
		"deployment": {func(ctx context.Context, c *Client) error { _, err := c.Deployment(ctx, "1"); return err }, "GET /api/deployments/1", "", `{}`},
		"by name": {func(ctx context.Context, c *Client) error {
			_, err := c.DeploymentByName(ctx, "my flow", "a/b%:ü")
			return err
		}, "GET /api/deployments/name/my%20flow/a%2Fb%25:%C3%BC", "", `{}`},
		"create": {func(ctx context.Context, c *Client) error {
			_, err := c.MakeDeployment(ctx, "f", fields{"name": "d", "description": nil})
			if errors.Is(err, ErrOverwritten) { // 200 means that
				err = nil
			}
			return err
		}, "POST /api/deployments/", `{"description":null,"name":"d"}`, `{}`},
		"update": {func(ctx context.Context, c *Client) error {
			return c.UpdateDeployment(ctx, "1", fields{"paused": true})
		}, "PATCH /api/deployments/1", `{"paused":true}`, ""},
		"delete":      {func(ctx context.Context, c *Client) error { return c.DeleteDeployment(ctx, "1") }, "DELETE /api/deployments/1", "", ""},
		"automations": {func(ctx context.Context, c *Client) error { return c.DeleteAutomationsOwnedBy(ctx, "1") }, "DELETE /api/automations/owned-by/prefect.deployment.1", "", ""},
		"create schedules": {func(ctx context.Context, c *Client) error {
			_, err := c.CreateSchedules(ctx, "1", []map[string]any{{"slug": "s"}})
			return err
		}, "POST /api/deployments/1/schedules", `[{"slug":"s"}]`, `[]`},
		"update schedule": {func(ctx context.Context, c *Client) error {
			return c.UpdateSchedule(ctx, "1", "2", fields{"active": false})
		}, "PATCH /api/deployments/1/schedules/2", `{"active":false}`, ""},
		"delete schedule": {func(ctx context.Context, c *Client) error { return c.DeleteSchedule(ctx, "1", "2") }, "DELETE /api/deployments/1/schedules/2", "", ""},
		"pool":            {func(ctx context.Context, c *Client) error { _, _, err := c.WorkPool(ctx, "p 1"); return err }, "GET /api/work_pools/p%201", "", `{}`},
		"all workers":     {func(ctx context.Context, c *Client) error { _, err := c.Workers(ctx, "p"); return err }, "POST /api/work_pools/p/workers/filter", `{"limit":200,"offset":0}`, `[]`},
		"heartbeats": {func(ctx context.Context, c *Client) error {
			_, err := c.Heartbeats(ctx, []string{"1"}, time.Unix(0, 0).UTC())
			return err
		}, "POST /api/events/filter", `{"filter":{"event":{"name":["prefect.flow-run.heartbeat"]},"occurred":{"since":"1970-01-01T00:00:00Z"},` +
			`"order":"DESC","resource":{"id":["prefect.flow-run.1"]}},"limit":50}`, `{}`},
		"create pool": {func(ctx context.Context, c *Client) error {
			_, err := c.CreateWorkPool(ctx, WorkPool{Name: "p", Type: "process", BaseJobTemplate: json.RawMessage(`{"a":1}`)})
			return err
		}, "POST /api/work_pools/", `{"base_job_template":{"a":1},"is_paused":false,"name":"p","type":"process"}`, `{}`},
		"update pool": {func(ctx context.Context, c *Client) error {
			return c.UpdateWorkPool(ctx, "p", fields{"concurrency_limit": nil})
		}, "PATCH /api/work_pools/p", `{"concurrency_limit":null}`, ""},
		"create queue": {func(ctx context.Context, c *Client) error {
			return c.CreateWorkQueue(ctx, "p", fields{"name": "q", "priority": 1})
		}, "POST /api/work_pools/p/queues", `{"name":"q","priority":1}`, `{}`},
		"update queue": {func(ctx context.Context, c *Client) error {
			return c.UpdateWorkQueue(ctx, "p", "q 1", fields{"priority": 2})
		}, "PATCH /api/work_pools/p/queues/q%201", `{"priority":2}`, ""},
		"delete queue": {func(ctx context.Context, c *Client) error { return c.DeleteWorkQueue(ctx, "p", "q") }, "DELETE /api/work_pools/p/queues/q", "", ""},
		"count deployments": {func(ctx context.Context, c *Client) error {
			_, err := c.CountDeployments(ctx, DeploymentFilter{Pools: []string{"p"}, Queues: []string{"q"}})
			return err
		}, "POST /api/deployments/count", `{"deployments":{"work_queue_name":{"any_":["q"]}},"work_pools":{"name":{"any_":["p"]}}}`, `3`},
		"delete pool": {func(ctx context.Context, c *Client) error { return c.DeleteWorkPool(ctx, "p") }, "DELETE /api/work_pools/p", "", ""},
		"workers":     {func(ctx context.Context, c *Client) error { _, err := c.OnlineWorkers(ctx, "p"); return err }, "POST /api/work_pools/p/workers/filter", `{"limit":200,"offset":0,"workers":{"status":{"any_":["ONLINE"]}}}`, `[]`},
		"run": {func(ctx context.Context, c *Client) error {
			_, err := c.CreateFlowRun(ctx, "1", FlowRunRequest{Name: "r", Parameters: fields{"a": 1}, Tags: []string{"t"}, IdempotencyKey: "k", State: &State{Type: StateScheduled}})
			return err
		}, "POST /api/deployments/1/create_flow_run", `{"idempotency_key":"k","name":"r","parameters":{"a":1},"state":{"type":"SCHEDULED"},"tags":["t"]}`, `{}`},
		"read run": {func(ctx context.Context, c *Client) error { _, err := c.FlowRun(ctx, "1"); return err }, "GET /api/flow_runs/1", "", `{"state":null,"deployment_id":null}`},
		"set state": {func(ctx context.Context, c *Client) error {
			_, err := c.SetFlowRunState(ctx, "1", State{Type: StateCancelling, Message: "m"}, true)
			return err
		}, "POST /api/flow_runs/1/set_state", `{"force":true,"state":{"message":"m","type":"CANCELLING"}}`, `{}`},
		"scheduled": {func(ctx context.Context, c *Client) error { _, err := c.ScheduledRuns(ctx, []string{"1"}); return err }, "POST /api/flow_runs/filter", `{"flow_runs":{"deployment_id":{"any_":["1"]},"state":{"type":{"any_":["SCHEDULED"]}}},"limit":200,"offset":0,"sort":"EXPECTED_START_TIME_ASC"}`, `[]`},
		"late": {func(ctx context.Context, c *Client) error {
			_, err := c.FlowRuns(ctx, FlowRunFilter{StateNames: []string{"Late"}, FlowIDs: []string{"f"}, Tags: []string{"t"}, ExpectedBefore: time.Unix(0, 0).UTC(), Limit: 5})
			return err
		}, "POST /api/flow_runs/filter", `{"flow_runs":{"expected_start_time":{"before_":"1970-01-01T00:00:00Z"},"state":{"name":{"any_":["Late"]}},"tags":{"all_":["t"]}},"flows":{"id":{"any_":["f"]}},"limit":5,"offset":0,"sort":"EXPECTED_START_TIME_DESC"}`, `[]`},
		"logs": {func(ctx context.Context, c *Client) error {
			_, err := c.Logs(ctx, "1", LogQuery{MinLevel: LevelError, Offset: 7, Limit: 3, After: time.Unix(0, 0).UTC()})
			return err
		}, "POST /api/logs/filter", `{"limit":3,"logs":{"flow_run_id":{"any_":["1"]},"level":{"ge_":40},"timestamp":{"after_":"1970-01-01T00:00:00Z"}},"offset":7,"sort":"TIMESTAMP_ASC"}`, `[]`},
		"deployments": {func(ctx context.Context, c *Client) error {
			_, err := c.Deployments(ctx, DeploymentFilter{})
			return err
		}, "POST /api/deployments/filter", `{"limit":200,"offset":0,"sort":"NAME_ASC"}`, `[]`},
		"some deployments": {func(ctx context.Context, c *Client) error {
			_, err := c.Deployments(ctx, DeploymentFilter{Tags: []string{"t"}, Names: []string{"n"}, IDs: []string{"i"}, Or: true})
			return err
		}, "POST /api/deployments/filter", `{"deployments":{"id":{"any_":["i"]},"name":{"any_":["n"]},"operator":"or_","tags":{"all_":["t"]}},"limit":200,"offset":0,"sort":"NAME_ASC"}`, `[]`},
		"tagged deployment": {func(ctx context.Context, c *Client) error {
			_, err := c.Deployments(ctx, DeploymentFilter{Tags: []string{"t"}, Or: true})
			return err
		}, "POST /api/deployments/filter", `{"deployments":{"tags":{"all_":["t"]}},"limit":200,"offset":0,"sort":"NAME_ASC"}`, `[]`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status := 200
			if c.reply == "" {
				status = 204
			}
			client, s, _ := serve(t, says(status, c.reply))
			if err := c.call(t.Context(), client); err != nil {
				t.Fatal(err)
			}
			got := s.requests()
			if len(got) != 1 || got[0].Method+" "+got[0].Path != c.want {
				t.Fatalf("got %+v", got)
			}
			if got[0].Body != c.body {
				t.Errorf("body %s\nwant %s", got[0].Body, c.body)
			}
		})
	}
}

func TestNothingToAsk(t *testing.T) {
	t.Parallel()
	c, s, _ := serve(t, says(500, ""))
	flows, err1 := c.FlowsByName(t.Context(), nil)
	runs, err2 := c.ScheduledRuns(t.Context(), nil)
	schedules, err3 := c.CreateSchedules(t.Context(), "1", nil)
	if len(flows)+len(runs)+len(schedules)+len(s.requests()) != 0 || err1 != nil || err2 != nil || err3 != nil {
		t.Error("a request for nothing")
	}
	if v, err := (func() (string, error) {
		cloud, _ := client(t, Options{URL: "https://api.prefect.cloud/api/accounts/a/workspaces/w"})
		return cloud.Version(t.Context())
	})(); v != CloudVersion || err != nil {
		t.Errorf("got %s, %v", v, err)
	}
}

func TestDecodeDeployment(t *testing.T) {
	t.Parallel()
	c, _, _ := serve(t, says(200, `{"id":"1","name":"d","version":null,"description":"x","parameters":{"a":9007199254740993},
		"schedules":[{"id":"s","slug":null,"active":true,"schedule":{"interval":60.5,"anchor_date":"2026-01-01T00:00:00Z","timezone":"UTC"}}],
		"concurrency_limit":null,"global_concurrency_limit":{"limit":3,"name":"deployment:1"},"job_variables":{},
		"parameter_openapi_schema":{"type":"object"},"work_pool_name":null,"created":"2026-11-24T05:29:46.994694Z","last_polled":null,
		"enforce_parameter_schema":true,"status":"READY","something_new":1}`))
	d, err := c.Deployment(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	if d.Version != nil || *d.Description != "x" || d.WorkPoolName != nil || *d.ConcurrencyLimit != 3 || !d.Enforce || d.LastPolled != nil ||
		string(d.ParameterSchema) != `{"type":"object"}` || d.Created.Year() != 2026 || d.Parameters["a"] != json.Number("9007199254740993") {
		t.Errorf("got %+v", d)
	}
	if s := d.Schedules[0]; s.Slug != "" || !s.Active || s.Rule.Interval != 60.5 || s.Rule.Cron != "" || s.Rule.Timezone != "UTC" {
		t.Errorf("got %+v", s)
	}
}

// rows is a server that holds deployments and gives pages of them; change is called before each page.
type rows struct {
	mu     sync.Mutex
	names  []string
	change func(page int, r *rows)
	pages  int
	sorts  []string
}

func (r *rows) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	var ask struct {
		Limit, Offset int
		Sort          string
	}
	_ = json.NewDecoder(req.Body).Decode(&ask)
	r.mu.Lock()
	defer r.mu.Unlock()
	if strings.HasSuffix(req.URL.Path, "/count") {
		says(200, strconv.Itoa(len(r.names)))(w, req)
		return
	}
	if r.change != nil {
		r.change(r.pages, r)
	}
	r.pages++
	r.sorts = append(r.sorts, ask.Sort)
	from := min(ask.Offset, len(r.names))
	out := make([]map[string]string, 0, ask.Limit)
	for _, n := range r.names[from:min(from+ask.Limit, len(r.names))] {
		out = append(out, map[string]string{"id": "id-" + n, "name": n})
	}
	body, _ := json.Marshal(out)
	says(200, string(body))(w, req)
}

func TestPages(t *testing.T) {
	t.Parallel()
	names := func(n int) []string {
		out := make([]string, 0, n)
		for i := range n {
			out = append(out, fmt.Sprintf("d%04d", i))
		}
		return out
	}
	removeFirst := func(page int, r *rows) {
		if page == 1 {
			r.names = r.names[1:]
		}
	}
	addFirst := func(page int, r *rows) {
		if page == 1 {
			r.names = append([]string{"a"}, r.names...)
		}
	}
	for name, c := range map[string]struct {
		count  int
		change func(int, *rows)
		pages  int
		found  int
	}{
		"none":            {0, nil, 1, 0},
		"one":             {1, nil, 1, 1},
		"almost a page":   {199, nil, 1, 199},
		"a page":          {200, nil, 1, 200},
		"three":           {597, nil, 3, 597},
		"just three":      {598, nil, 3, 598},
		"one goes away":   {450, removeFirst, 3 + 3, 449},
		"one comes":       {450, addFirst, 3 + 3, 451},
		"last goes away":  {201, func(page int, r *rows) { r.names = r.names[:201-min(page, 1)] }, 2 + 1, 200},
		"always changing": {450, func(_ int, r *rows) { r.names = r.names[1:] }, 12, -1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := &rows{names: names(c.count), change: c.change}
			client, _, _ := serve(t, r.ServeHTTP)
			got, err := client.Deployments(t.Context(), DeploymentFilter{})
			if r.pages != c.pages {
				t.Errorf("%d requests, want %d: %v", r.pages, c.pages, r.sorts)
			}
			if c.found < 0 {
				wantFault(t, err, "changed all the time")
				return
			}
			if err != nil || len(got) != c.found {
				t.Fatalf("got %d, %v", len(got), err)
			}
			found := make([]string, 0, len(got))
			for _, d := range got {
				found = append(found, d.Name)
			}
			if diff := cmp.Diff(r.names, found); diff != "" && c.count > 0 {
				t.Error(diff)
			}
		})
	}
}

func TestReadAll(t *testing.T) {
	t.Parallel()
	page := func(n int) reply { return says(200, "["+strings.TrimSuffix(strings.Repeat(`{"id":"x"},`, n), ",")+"]") }
	c, s, _ := serve(t, page(200), page(200), page(3))
	got, err := c.FlowRuns(t.Context(), FlowRunFilter{})
	if err != nil || len(got) != 403 || object(t, s.requests()[2].Body)["offset"] != 400.0 {
		t.Errorf("got %d, %v", len(got), err)
	}
	c, s, _ = serve(t, page(200), page(50))
	logs, err := c.Logs(t.Context(), "1", LogQuery{Offset: 10, Limit: 250})
	second := object(t, s.requests()[1].Body)
	if err != nil || len(logs) != 250 || second["offset"] != 210.0 || second["limit"] != 50.0 || len(s.requests()) != 2 {
		t.Errorf("got %d, %v, %v", len(logs), err, second)
	}
	c, s, _ = serve(t, page(1))
	many := make([]string, 450)
	for i := range many {
		many[i] = strconv.Itoa(i)
	}
	if flows, err := c.FlowsByID(t.Context(), slices.Concat(many, many)); err != nil || len(flows) != 3 || len(s.requests()) != 3 {
		t.Errorf("got %d, %v", len(flows), err)
	}
}

func TestWorkPoolAbsent(t *testing.T) {
	t.Parallel()
	c, _, _ := serve(t, says(404, `{"detail":"Work pool \"x\" not found."}`))
	if _, ok, err := c.WorkPool(t.Context(), "x"); ok || err != nil {
		t.Errorf("got %v, %v", ok, err)
	}
	c, _, _ = serve(t, says(404, `{"detail":"Not Found"}`))
	_, _, err := c.WorkPool(t.Context(), "x")
	if err == nil {
		t.Error("an address that leads nowhere looks like a missing pool")
	}
}
