package plan_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/schema"
)

var owner = ownership.Owner{Project: "shop", Env: "dev"}

func aFlow(t *testing.T) flow.Flow {
	t.Helper()
	return flow.Flow{
		Name: "f", Function: "f", File: "flows/f.py", Entrypoint: "flows/f.py:f", Version: "abc", Description: "Do it.",
		Schema: schemaOf(t, "def f(n: int = 1): pass\n"),
	}
}

// schemaOf gives the schema of the first function of a source.
func schemaOf(t *testing.T, source string) parameter.Text {
	t.Helper()
	library := python.NewLibrary(fstest.MapFS{"f.py": {Data: []byte(source)}})
	m, err := library.Module("f.py")
	if err != nil {
		t.Fatal(err)
	}
	s, _ := schema.NewReader(library).Of("f.py", "", &m.Functions[0])
	text, err := s.Text()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func resolve(t *testing.T, text string) ([]plan.Desired, finding.List) {
	t.Helper()
	m, findings := manifest.Parse("prefect.yaml", []byte(text))
	if len(findings) > 0 {
		t.Fatal(findings)
	}
	return plan.FlowsOf([]flow.Flow{aFlow(t)}).Resolve(nil, m, owner)
}

// What the manifest leaves out is filled from the flow, or left to the server.
func TestResolve(t *testing.T) {
	t.Parallel()
	const parameters parameter.Text = `{"title":"Parameters","type":"object","properties":{"n":{"default":1,"position":0,"title":"n","type":"integer"}}}`
	tests := map[string]struct {
		keys string
		want map[string]any
	}{
		"little": {"", map[string]any{
			"entrypoint": "flows/f.py:f", "tags": []any{"flowmage:shop/dev"}, "parameters": map[string]any{}, "parameter_openapi_schema": parameters,
			"work_pool_name": "", "work_queue_name": "default", "job_variables": map[string]any{}, "version": "abc", "description": "Do it.",
			"concurrency_limit": nil,
		}},
		"much": {
			`, version: "2", description: "", tags: [a, a, "flowmage:shop/dev"], parameters: {n: 2}, paused: true, enforce_parameter_schema: false,
			concurrency_limit: {limit: 3, grace_period_seconds: 60}, pull: [], work_pool: {name: p, work_queue_name: q, job_variables: {a: 1}}`,
			map[string]any{
				"entrypoint": "flows/f.py:f", "tags": []any{"a", "flowmage:shop/dev"}, "parameters": map[string]any{"n": json.Number("2")},
				"parameter_openapi_schema": parameters, "work_pool_name": "p", "work_queue_name": "q", "job_variables": map[string]any{"a": json.Number("1")},
				"version": "2", "description": "Do it.", "concurrency_limit": json.Number("3"), "paused": true, "enforce_parameter_schema": false, "pull_steps": []any{},
				"concurrency_options": map[string]any{"collision_strategy": "ENQUEUE", "grace_period_seconds": json.Number("60")},
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			desired, findings := resolve(t, `deployments: [{name: one, entrypoint: "flows/f.py:f"`+test.keys+"}]")
			if len(findings) > 0 || len(desired) != 1 {
				t.Fatal(findings, desired)
			}
			if diff := cmp.Diff(test.want, desired[0].Fields); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestEntrypointThatIsGone(t *testing.T) {
	t.Parallel()
	desired, findings := resolve(t, "deployments:\n  - {name: one, entrypoint: \"flows/f.py:g\"}\n  - {name: two, entrypoint: \"other.py:main\"}\n")
	if len(desired) > 0 || len(findings) != 2 {
		t.Fatal(desired, findings)
	}
	if f := findings[0]; f.Code != "entrypoint-missing" || f.Position.Line != 2 || !strings.Contains(f.Fix, "did you mean flows/f.py:f?") {
		t.Errorf("got %+v", f)
	}
	if strings.Contains(findings[1].Fix, "did you mean") {
		t.Errorf("got %+v", findings[1])
	}
}

// A plan hides secrets, as text and as JSON, and shows the rest.
func TestPlanText(t *testing.T) {
	t.Parallel()
	desired, _ := resolve(t, `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    parameters: {n: 2, api_key: hunter22}
    schedules: [{cron: "0 6 * * *"}, {interval: 60, slug: often}, {rrule: FREQ=DAILY, slug: daily}]
    work_pool: {name: pool, job_variables: {env: {DB_PASSWORD: hunter22, DB: "postgres://me:hunter22@db/x", LEVEL: debug}}}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: other}}
`)
	live := plan.NewLive([]pool.Pool{{
		Name: "pool", Type: "process", Upkeep: config.Upkeep{
			Concurrency: new(2), Defaults: map[string]any{"env": map[string]any{"DB_PASSWORD": "hunter22", "TZ": "UTC"}},
			Queues: map[string]pool.Queue{"fast": {Priority: new(1)}, "default": {}},
		},
	}})
	p, err := plan.Diff(owner, desired, live)
	if err != nil {
		t.Fatal(err)
	}
	p.Block("zero", "z", "flows/z.py:z", finding.List{{Code: "python-syntax", Message: "'(' was never closed", Fix: "close it"}})
	p.Block("zero-too", "z", "flows/z.py:y", finding.List{{Code: "python-syntax", Message: "'(' was never closed", Fix: "close it"}})
	var text bytes.Buffer
	if err := printed.Text(&text, console.New(&text, &text).Paint, p); err != nil {
		t.Fatal(err)
	}
	want := `+ create work pool pool (process)
    concurrency_limit: 2
    defaults.env: {"DB_PASSWORD":"********","TZ":"UTC"}
    queues.fast: {"priority":1}
+ create one
    entrypoint: "flows/f.py:f"
    work_pool_name: "pool"
    parameters.api_key: "********"
    parameters.n: 2
    job_variables.env: {"DB":"postgres://********@db/x","DB_PASSWORD":"********","LEVEL":"debug"}
    schedules.1: "cron 0 6 * * * UTC"
    schedules.often: "every 60 s UTC"
    schedules.daily: "rrule FREQ=DAILY UTC"
! blocked two
    the work pool "other" is not among the environment's pools [pool-unknown]
      fix: name it under ` + "`pools`" + ` in envs/
! blocked zero
    '(' was never closed [python-syntax]
      fix: close it
! blocked zero-too, as the one before
1 to create, 0 to update, 0 unchanged, 3 blocked, work pools: 1 to create
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
	var page bytes.Buffer
	if err := printed.Markdown(&page, p); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"### shop to dev", "| create | work pool `pool` (process) | |", "| blocked | `two` | f |", "parameters.n: 2\n", "[pool-unknown]", "<summary>create work pool pool</summary>"} {
		if !strings.Contains(page.String(), want) {
			t.Errorf("the page lacks %q:\n%s", want, page.String())
		}
	}
	if strings.Contains(page.String(), "hunter22") {
		t.Error("a secret is shown")
	}
	data, err := json.Marshal(p)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(data), "hunter22") {
		t.Errorf("a secret is shown: %s", data)
	}
}

// A plan is for one server, project and environment: a saved one is not taken for that of another.
func TestFingerprintTellsServers(t *testing.T) {
	t.Parallel()
	desired, _ := resolve(t, `deployments: [{name: one, entrypoint: "flows/f.py:f", work_pool: {name: p}}]`)
	fingerprint := func(owner ownership.Owner, api string) string {
		live := plan.NewLive([]pool.Pool{{Name: "p", Type: "process"}})
		live.API = api
		p, err := plan.Diff(owner, desired, live)
		if err != nil || p.Count(plan.Create) != 1 {
			t.Fatal(err, p.Summary())
		}
		name, err := p.Fingerprint()
		if err != nil {
			t.Fatal(err)
		}
		return name
	}
	here := fingerprint(owner, "http://a/api")
	if here != fingerprint(owner, "http://a/api") {
		t.Error("the same plan has two names")
	}
	for what, other := range map[string]string{
		"server":      fingerprint(owner, "http://b/api"),
		"project":     fingerprint(ownership.Owner{Project: "other", Env: owner.Env}, "http://a/api"),
		"environment": fingerprint(ownership.Owner{Project: owner.Project, Env: "prod"}, "http://a/api"),
	} {
		if other == here {
			t.Error("the plan for another", what, "has the same name")
		}
	}
}
