package verify_test

import (
	"context"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/verify"
)

// planned is a plan with one scheduled deployment that has just been written.
func planned(t *testing.T) plan.Plan {
	t.Helper()
	p, err := plan.Diff(ownership.Owner{Project: "shop", Env: "dev"}, []plan.Desired{{
		Name: "d", Flow: &flow.Flow{Name: "f"}, Fields: map[string]any{"work_pool_name": poolName, "work_queue_name": "default"},
		Schedules: []manifest.Schedule{{Cron: "* * * * *", Slug: "default"}},
	}}, plan.NewLive([]pool.Pool{{Name: poolName, Type: "process"}}))
	if err != nil {
		t.Fatal(err)
	}
	return p.Applied(plan.Result{
		Outcomes: []plan.Outcome{{Op: plan.Create, Flow: "f", Name: "d", ID: deploymentID}}, Pools: []plan.Outcome{{Op: plan.Create, Name: poolName}},
	})
}

// whole is the whole ladder.
func whole(s verify.View, p plan.Plan) ladder.Ladder {
	l := verify.Reach(s)
	l = append(l, verify.Deployments(s, p, map[string]string{poolName: "process"})...)
	return append(l, verify.UI(s, verify.Shown{IDs: p.IDs(), Since: time.Now()})...)
}

func TestWell(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil, false)
	s := server(t, prefect.Options{URL: f.URL + "/api"}, f.URL)
	rungs := append(whole(s, planned(t)), run.Smoke(s.API, s.UI, "d", deploymentID, verify.ForRuns(poolName)...)...).Climb(t.Context())
	for _, r := range rungs {
		if r.State != ladder.OK {
			t.Error(r)
		}
	}
	if len(rungs) != 18 {
		t.Errorf("%d rungs", len(rungs))
	}
}

// trouble is one planted fault and how it must be told.
type trouble struct {
	routes map[string]http.HandlerFunc
	rung   string
	state  ladder.State // empty: failed
	says   []string     // in the rung's texts
}

// check wants the named rung to tell the trouble, and nothing else to fail.
func (c trouble) check(t *testing.T, rungs ladder.Rungs) {
	t.Helper()
	state := c.state
	if state == "" {
		state = ladder.Failed
	}
	found := false
	for _, r := range rungs {
		if r.Name != c.rung {
			if r.State == ladder.Failed || r.State == ladder.Warned {
				t.Errorf("not the cause: %s", r)
			}
			continue
		}
		found = true
		if r.State != state {
			t.Errorf("not %s: %s", state, r)
		}
		if r.Next == "" {
			t.Errorf("no next step: %s", r)
		}
		for _, text := range c.says {
			if !strings.Contains(r.String(), text) {
				t.Errorf("no %q in: %s", text, r)
			}
		}
	}
	if !found {
		t.Errorf("no rung %q in %v", c.rung, rungs)
	}
}

func one(path string, answer http.HandlerFunc) map[string]http.HandlerFunc {
	return map[string]http.HandlerFunc{path: answer}
}

// TestServerFaults plants faults of the server and what is in front of it.
func TestServerFaults(t *testing.T) {
	t.Parallel()
	unauthorized := says(401, `{"exception_message":"Unauthorized"}`)
	for name, c := range map[string]trouble{
		"HTML instead of the API": {one("/api/health", says(200, "<html>Sign in</html>")), "Prefect's API", "", []string{"a web page came back", "PREFECT_CLIENT_CUSTOM_HEADERS"}},
		"another service":         {one("/api/health", says(200, `{"status":"UP"}`)), "Prefect's API", "", []string{"some other service", "server.url"}},
		"proxy 502":               {one("/api/health", says(502, "<html>Bad Gateway</html>")), "Prefect's API", "", []string{"the proxy in front of the Prefect server gets no answer", "start the Prefect server behind it"}},
		"proxy 403":               {one("/api/health", says(403, "<html>Forbidden</html>")), "Prefect's API", "", []string{"a proxy in front of the Prefect server refuses", "PREFECT_CLIENT_CUSTOM_HEADERS"}},
		"login redirect":          {one("/api/health", says(302, "", "Location", "https://login.example.com/?token=s3cret")), "Prefect's API", "", []string{"sends us elsewhere", "https://login.example.com/"}},
		"wrong path":              {one("/api/health", says(404, `{"detail":"Not Found"}`)), "Prefect's API", "", []string{"no route /health", "correct the API URL"}},
		"server is broken":        {one("/api/health", says(500, `{"exception_message":"Internal Server Error"}`)), "Prefect's API", "", []string{"500", "the server's log"}},
		"401":                     {one("/api/work_pools/filter", unauthorized), "credentials", "", []string{"wants credentials", "PREFECT_API_AUTH_STRING"}},
		"403":                     {one("/api/work_pools/filter", says(403, `{"detail":"no access to this workspace"}`)), "credentials", "", []string{"with these credentials", "PREFECT_API_KEY"}},
		"CSRF": {one("/api/work_pools/filter", says(403, `{"detail":"Invalid CSRF token or client identifier."}`)), "credentials", "", []string{
			"Invalid CSRF token", "proxy in front of the server drops the Prefect-Csrf headers",
		}},
		"rate limit":    {one("/api/work_pools/filter", says(429, `{"detail":"slow down"}`, "Retry-After", "3600")), "credentials", "", []string{"429", "again in 1h0m0s"}},
		"old server":    {one("/api/admin/version", says(200, `"3.1.15"`)), "version", "", []string{"Prefect 3.1.15", "upgrade the server to 3.2.0"}},
		"Prefect 2":     {one("/api/admin/version", says(200, `"2.20.4"`)), "version", "", []string{"Prefect 2.20.4", "upgrade the server"}},
		"Prefect 4":     {one("/api/admin/version", says(200, `"4.0.0"`)), "version", "", []string{"Prefect 4.0.0", "newer release of this tool"}},
		"no leases":     {one("/api/admin/version", says(200, `"3.2.15"`)), "version", ladder.Warned, []string{"the lock between deploys is weaker", "3.4.9"}},
		"no version":    {one("/api/admin/version", says(200, `"latest"`)), "version", "", []string{"latest", "Prefect 3 server"}},
		"missing pool":  {one("/api/work_pools/p", says(404, `{"detail":"Work pool not found."}`)), "work pool p", "", []string{"there is no work pool p", "mage deploy:all -env=dev"}},
		"paused pool":   {one("/api/work_pools/p", says(200, `{"name":"p","type":"process","is_paused":true}`)), "work pool p", "", []string{"paused", "prefect work-pool resume p"}},
		"wrong type":    {one("/api/work_pools/p", says(200, `{"name":"p","type":"docker"}`)), "work pool p", "", []string{"type docker, these deployments need process", "envs/dev.yaml"}},
		"pool of none":  {one("/api/work_pools/p", says(200, `{"name":"p","type":"process","concurrency_limit":0}`)), "work pool p", "", []string{"0 runs", "clear-concurrency-limit p"}},
		"missing queue": {one("/api/work_pools/p/queues/filter", says(200, `[]`)), "queues of p", "", []string{"no queue default", "prefect work-queue create default --pool p"}},
		"paused queue": {one("/api/work_pools/p/queues/filter", says(200, `[{"name":"default","is_paused":true}]`)), "queues of p", "", []string{
			"queue default of the work pool p is paused", "prefect work-queue resume default --pool p",
		}},
		"queue of none": {one("/api/work_pools/p/queues/filter", says(200, `[{"name":"default","concurrency_limit":0}]`)), "queues of p", "", []string{"0 runs", "work-queue clear-concurrency-limit default"}},
		"no worker":     {one("/api/work_pools/p/workers/filter", says(200, `[]`)), "worker of p", "", []string{"no worker has ever polled p", "mage env:worker -env=dev"}},
		"dead worker":   {one("/api/work_pools/p/workers/filter", says(200, worker("OFFLINE", time.Hour))), "worker of p", "", []string{"w1, gave its last sign of life 1h0m", "mage env:worker"}},
		"dying worker":  {one("/api/work_pools/p/workers/filter", says(200, worker("ONLINE", 70*time.Second))), "worker of p", ladder.Warned, []string{"it may be dead", "mage env:worker"}},
		"no runs":       {one("/api/flow_runs/filter", says(200, `[]`)), "scheduled runs", "", []string{"1 of 1 scheduled deployments", "prefect server services start"}},
		"scheduler off": {map[string]http.HandlerFunc{
			"/api/flow_runs/filter": says(200, `[]`), "/api/admin/settings": says(200, `{"server":{"services":{"scheduler":{"enabled":false}}}}`),
		}, "scheduled runs", "", []string{"switched off", "PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED=true"}},
		"paused by hand": {map[string]http.HandlerFunc{
			"/api/flow_runs/filter": says(200, `[]`), "/api/deployments/" + deploymentID: says(200, deployment(true, true)),
		}, "scheduled runs", ladder.Warned, []string{"by hand", "resume it in the UI"}},
		"schedule paused by hand": {map[string]http.HandlerFunc{
			"/api/flow_runs/filter": says(200, `[]`), "/api/deployments/" + deploymentID: says(200, deployment(false, false)),
		}, "scheduled runs", ladder.Warned, []string{"d (its schedule)", "resume it in the UI"}},
		"UI is off":        {one("/ui-settings", says(404, `{"detail":"Not Found"}`)), "UI settings", "", []string{"has no UI", "PREFECT_SERVER_UI_ENABLED"}},
		"UI at no address": {one("/ui-settings", says(200, settings(""))), "UI settings", "", []string{"PREFECT_SERVER_API_PORT"}},
		"UI at a closed port": {one("/ui-settings", says(200, settings("http://127.0.0.1:1/api"))), "UI's API address", "", []string{
			"look for the API at http://127.0.0.1:1/api", "nothing listens", "PREFECT_SERVER_API_PORT",
		}},
		"UI at another path": {map[string]http.HandlerFunc{"/ui-settings": func(w http.ResponseWriter, r *http.Request) {
			says(200, settings("http://"+r.Host+"/prefect/api"))(w, r)
		}}, "UI's API address", "", []string{"/prefect/api", "we use the path /api", "PREFECT_SERVER_UI_API_URL"}},
		"pages are gone":     {one("/v2/deployments", says(404, `{"detail":"Not Found"}`)), "UI pages", "", []string{"/v2/deployments answers with status 404", "PREFECT_SERVER_UI_ENABLED"}},
		"another website":    {one("/deployments", says(200, "<html>Our wiki</html>")), "UI pages", "", []string{"no page of Prefect's UI", "server.ui"}},
		"no program":         {one("/assets/app.js", says(404, "<html>nothing</html>")), "UI pages", "", []string{"stays white", "PREFECT_UI_SERVE_BASE"}},
		"login before pages": {map[string]http.HandlerFunc{"/deployments": says(401, ""), "/v2/deployments": says(401, "")}, "UI pages", ladder.Warned, []string{"a login stands in front"}},
		"links lead nowhere": {one("/deployments/deployment/"+deploymentID, says(404, "")), "deep link", "", []string{"lead nowhere", "pass every path"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFake(t, c.routes, false)
			c.check(t, whole(server(t, prefect.Options{URL: f.URL + "/api"}, f.URL), planned(t)).Climb(t.Context()))
		})
	}
}

// TestDrift plants a difference between repository and server.
func TestDrift(t *testing.T) {
	t.Parallel()
	f := newFake(t, nil, false)
	s := server(t, prefect.Options{URL: f.URL + "/api"}, f.URL)
	p := planned(t)
	p.Actions[0].Op = plan.Update
	trouble{rung: "deployments equal the plan", says: []string{"update d", "mage deploy:plan -env=dev"}}.check(t, whole(s, p).Climb(t.Context()))
	p.Actions[0].Op = plan.Blocked
	p.Actions[0].ID = ""
	trouble{rung: "deployments equal the plan", says: []string{"blocked by errors: d", "mage verify:flows"}}.check(t, whole(s, p).Climb(t.Context()))
}

// TestWayFaults plants faults between this machine and the server.
func TestWayFaults(t *testing.T) {
	t.Parallel()
	secure, plain := newFake(t, nil, true), newFake(t, nil, false)
	dumb := listen(t, func(c net.Conn) { _, _ = io.WriteString(c, "220 mail.example.com ESMTP\r\n"); _ = c.Close() })
	ca := filepath.Join(t.TempDir(), "ca.pem")
	if err := os.WriteFile(ca, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw}), 0o600); err != nil {
		t.Fatal(err)
	}
	_, port, _ := strings.Cut(strings.TrimPrefix(secure.URL, "https://"), ":")
	proxy := func(address string) func(*http.Request) (*url.URL, error) {
		return func(*http.Request) (*url.URL, error) { return url.Parse(address) }
	}
	for name, c := range map[string]struct {
		options prefect.Options
		trouble
	}{
		"wrong port":      {prefect.Options{URL: "http://127.0.0.1:1/api"}, trouble{rung: "connection", says: []string{"nothing listens at 127.0.0.1:1", "prefect server start"}}},
		"foreign CA":      {prefect.Options{URL: secure.URL + "/api"}, trouble{rung: "TLS", says: []string{"signed by nobody", "PREFECT_API_SSL_CERT_FILE"}}},
		"TLS name":        {prefect.Options{URL: "https://localhost:" + port + "/api", CAFile: ca}, trouble{rung: "TLS", says: []string{"for another name", "use a name that the certificate has"}}},
		"TLS on plain":    {prefect.Options{URL: strings.Replace(plain.URL, "http:", "https:", 1) + "/api"}, trouble{rung: "TLS", says: []string{"it speaks no TLS", "http:// instead of https://"}}},
		"plain on TLS":    {prefect.Options{URL: strings.Replace(secure.URL, "https:", "http:", 1) + "/api"}, trouble{rung: "Prefect's API", says: []string{"HTTPS server"}}},
		"no HTTP":         {prefect.Options{URL: "http://" + dumb + "/api"}, trouble{rung: "Prefect's API", says: []string{"speaks no HTTP"}}},
		"no /api":         {prefect.Options{URL: plain.URL}, trouble{rung: "Prefect's API", says: []string{"write the API URL as " + plain.URL + "/api"}}},
		"dead proxy":      {prefect.Options{URL: plain.URL + "/api", Proxy: proxy("http://127.0.0.1:1")}, trouble{rung: "connection", says: []string{"the proxy http://127.0.0.1:1 can't be reached", "NO_PROXY"}}},
		"unknown proxy":   {prefect.Options{URL: plain.URL + "/api", Proxy: proxy("http://user:s3cret@no-such-host.invalid:3128")}, trouble{rung: "name service", says: []string{"proxy http://********@no-such-host.invalid:3128", "HTTP_PROXY"}}},
		"unknown host":    {prefect.Options{URL: "http://no-such-host.invalid/api"}, trouble{rung: "name service", says: []string{"no-such-host.invalid"}}},
		"slow server":     {prefect.Options{URL: "http://" + listen(t, hold) + "/api", Timeout: 50 * time.Millisecond}, trouble{rung: "Prefect's API", says: []string{"did not answer", "overloaded or hangs"}}},
		"dropping server": {prefect.Options{URL: "http://" + listen(t, func(c net.Conn) { _ = c.Close() }) + "/api"}, trouble{rung: "Prefect's API", says: []string{"broke", "look whether the server still runs"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.check(t, whole(server(t, c.options, strings.TrimSuffix(c.options.URL, "/api")), planned(t)).Climb(t.Context()))
		})
	}
}

// listen gives the address of a server that does the same with each connection.
func listen(t *testing.T, do func(net.Conn)) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if errors.Is(err, net.ErrClosed) || err != nil {
				return
			}
			go do(c)
		}
	}()
	return l.Addr().String()
}

// hold reads and never answers.
func hold(c net.Conn) { _, _ = io.Copy(io.Discard, c) }
