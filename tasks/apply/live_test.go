//go:build e2e

package apply_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/templates"
)

// bench is a project of its own on a real server.
type bench struct {
	api    *prefect.Client
	owner  ownership.Owner
	pool   string
	want   pool.Pool // the pool as settings that say nothing of it have it
	flow   flow.Flow
	mu     sync.Mutex
	writes []string
	reads  []string
}

// open gives a project on the server that tests share.
func open(t *testing.T) *bench {
	t.Helper()
	return openAt(t, prerequisite.Server(t))
}

func openAt(t *testing.T, url string) *bench {
	t.Helper()
	word := "deploy-test-" + strings.ToLower(rand.Text()[:8])
	template, err := pool.BuiltIn(templates.FS, "process")
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{
		owner: ownership.Owner{Project: word, Env: "dev"}, pool: word, flow: flowOf(t, word),
		want: pool.Pool{Name: word, Type: "process", Base: template},
	}
	api, err := prefect.New(prefect.Options{URL: url, Trace: func(r prefect.Request) {
		b.mu.Lock()
		defer b.mu.Unlock()
		if r.Attempt > 1 { // a busy server refused it before
			return
		}
		if prefect.IsWrite(r.Method, r.Path) {
			b.writes = append(b.writes, r.Method+" "+r.Path)
		} else {
			b.reads = append(b.reads, r.Method+" "+r.Path)
		}
	}})
	if err != nil {
		t.Fatal(err)
	}
	b.api = api
	t.Cleanup(func() {
		ctx := context.WithoutCancel(t.Context())
		if flows, err := api.FlowsByName(ctx, []string{word}); err == nil && len(flows) == 1 {
			if err := prefecttest.DeleteFlow(ctx, api, flows[0].ID); err != nil {
				t.Error(err)
			}
		}
		if left, err := api.AutomationsTagged(ctx, b.owner.Tag()); err == nil { // old servers have no tags
			for _, a := range left {
				if err := api.DeleteAutomation(ctx, a.ID); err != nil && !prefect.IsNotFound(err) {
					t.Error(err)
				}
			}
		}
		if err := receipt.Forget(ctx, api, b.owner); err != nil {
			t.Error(err)
		}
		if err := api.DeleteWorkPool(ctx, b.pool); err != nil && !prefect.IsNotFound(err) {
			t.Error(err)
		}
		api.Close()
	})
	return b
}

func flowOf(t *testing.T, name string) flow.Flow {
	t.Helper()
	return flow.Flow{
		Name: name, Function: "f", File: "flows/f.py", Entrypoint: "flows/f.py:f", Version: "abc", Description: "Do it.",
		Schema: schemaOf(t, "def f(n: int = 1, note: str | None = None):\n    \"\"\"Do it.\n\n    Args:\n        n: How often.\n    \"\"\"\n"),
	}
}

// plan compares the manifest with the server. %POOL% in it stands for the pool.
func (b *bench) plan(t *testing.T, text string) plan.Plan {
	t.Helper()
	p, _ := b.compare(t, text)
	return p
}

// compare gives the plan with the state that it was made from.
func (b *bench) compare(t *testing.T, text string) (plan.Plan, plan.Live) {
	t.Helper()
	m, findings := manifest.Parse("prefect.yaml", []byte(strings.ReplaceAll(text, "%POOL%", b.pool)))
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	return b.against(t, m)
}

// against compares a manifest with the server.
func (b *bench) against(t *testing.T, m manifest.Manifest) (plan.Plan, plan.Live) {
	t.Helper()
	desired := b.wanted(t, m)
	live, err := live.Read(t.Context(), b.api, b.owner, desired, []pool.Pool{b.want})
	if err != nil {
		t.Fatal(err)
	}
	p, err := plan.Diff(b.owner, desired, live)
	if err != nil {
		t.Fatal(err)
	}
	return p, live
}

// wanted gives what a manifest asks for.
func (b *bench) wanted(t *testing.T, m manifest.Manifest) []plan.Desired {
	t.Helper()
	desired, findings := plan.FlowsOf([]flow.Flow{b.flow}).Resolve(nil, m, b.owner)
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	for i := range desired {
		desired[i].OwnsTriggers = true
	}
	return desired
}

// apply executes the plan, reads back, and checks that a second plan is empty.
func (b *bench) apply(t *testing.T, text string) plan.Plan {
	t.Helper()
	p := b.plan(t, text)
	r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(r.Failed()) > 0 {
		t.Fatal(err, r)
	}
	confirmed, err := apply.Confirm(t.Context(), b.api, p, r)
	if err != nil || len(confirmed.Differences) > 0 {
		t.Errorf("reading back: %v %v", err, confirmed.Differences)
	}
	if err := note(t.Context(), b.api, p, r, confirmed); err != nil {
		t.Fatal(err)
	}
	if again := b.plan(t, text); !again.Empty() {
		t.Errorf("the second plan is not empty: %+v", again.Actions)
	}
	return p
}

// ownerOf gives whose plan it is.
func ownerOf(p plan.Plan) ownership.Owner { return ownership.Owner{Project: p.Project, Env: p.Env} }

// note stores the receipt of an apply.
func note(ctx context.Context, api *prefect.Client, p plan.Plan, r plan.Result, c apply.Confirmed) error {
	unchanged, err := p.Unchanged()
	if err != nil {
		return err
	}
	known, err := receipt.Recall(ctx, api, ownerOf(p))
	if err != nil {
		return err
	}
	others, err := receipt.Others(ctx, api, p, r, known)
	if err != nil {
		return err
	}
	after := receipt.After{Stored: c.States, Unchanged: unchanged, Known: known, Others: others}
	receipt, err := receipt.New(p, r, after, holder("anna", 1))
	if err != nil {
		return err
	}
	_, err = receipt.Store(ctx, api)
	return err
}

const rich = `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    version: "1.0"
    description: "Text: with # and \"quotes\""
    tags: [b, a, a]
    parameters: {n: 5, note: null}
    enforce_parameter_schema: true
    concurrency_limit: {limit: 2, collision_strategy: CANCEL_NEW, grace_period_seconds: 120}
    schedules:
      - {cron: "0 6 * * *", timezone: Europe/Berlin, slug: morning, parameters: {n: 7}}
      - {interval: 3600, anchor_date: "2024-01-01T00:00:00+00:00", slug: hourly, active: false}
      - {rrule: "FREQ=DAILY;BYHOUR=3", slug: nightly}
      - {interval: 90}
    pull:
      - prefect.deployments.steps.set_working_directory: {directory: /srv}
    work_pool: {name: "%POOL%", work_queue_name: fast, job_variables: {env: {LEVEL: debug}, stream_output: false}}
`

// Each edit of a manifest is planned as exactly that edit, written, and stored as written.
func TestEdits(t *testing.T) {
	t.Parallel()
	b := open(t)
	first := b.apply(t, rich)
	if first.Count(plan.Create) != 1 || len(first.Pools) != 1 {
		t.Fatal(first.Summary())
	}
	edits := []struct {
		name, old, new string
		want           []string // field from to
	}{
		{"version", `version: "1.0"`, `version: "1.1"`, []string{`version "1.0" "1.1"`}},
		{"description", `description: "Text: with # and \"quotes\""`, `description: ""`, []string{`description "Text: with # and \"quotes\"" "Do it."`}},
		{"a tag", "tags: [b, a, a]", "tags: [b, c]", []string{fmt.Sprintf(`tags ["a","b","%[1]s"] ["b","c","%[1]s"]`, b.owner.Tag())}},
		{"tags in another order", "tags: [b, c]", "tags: [c, b]", nil},
		{"a parameter", "n: 5, note: null", "n: 6, note: null", []string{"parameters.n 5 6"}},
		{"a parameter less", "n: 6, note: null", "note: text", []string{"parameters.n 6 null", `parameters.note null "text"`}},
		{"enforcement", "enforce_parameter_schema: true", "enforce_parameter_schema: false", []string{"enforce_parameter_schema true false"}},
		{"concurrency", "limit: 2,", "limit: 3,", []string{"concurrency_limit 2 3"}},
		{"collision", "CANCEL_NEW", "ENQUEUE", []string{`concurrency_options.collision_strategy "CANCEL_NEW" "ENQUEUE"`}},
		{"cron", "0 6 * * *", "0 7 * * *", []string{`schedules.morning.cron "0 6 * * *" "0 7 * * *"`}},
		{"time zone", "Europe/Berlin", "Europe/Paris", []string{`schedules.morning.timezone "Europe/Berlin" "Europe/Paris"`}},
		{"a schedule's parameter", "{n: 7}", "{n: 8}", []string{"schedules.morning.parameters.n 7 8"}},
		{"an anchor, same moment", "2024-01-01T00:00:00+00:00", "2024-01-01T01:00:00+01:00", nil},
		{"an anchor", "2024-01-01T01:00:00+01:00", "2024-01-02", []string{`schedules.hourly.anchor_date "2024-01-01T00:00:00Z" "2024-01-02"`}},
		{"activity", "slug: hourly, active: false", "slug: hourly, active: true", []string{"schedules.hourly.active false true"}},
		{"a recurrence", "BYHOUR=3", "BYHOUR=4", []string{`schedules.nightly.rrule "FREQ=DAILY;BYHOUR=3" "FREQ=DAILY;BYHOUR=4"`}},
		{"a renamed schedule", "slug: nightly", "slug: night", []string{`schedules.night.slug "nightly" "night"`}},
		{"a schedule less", "      - {interval: 90}\n", "", []string{`schedules "every 90 s UTC" null`}},
		{"pull steps", "directory: /srv", "directory: /opt", []string{"pull_steps ["}},
		{"a job variable", "LEVEL: debug", "LEVEL: info", []string{`job_variables.env.LEVEL "debug" "info"`}},
		{"a job variable less", ", stream_output: false", "", []string{"job_variables.stream_output false null"}},
		{"the queue", "work_queue_name: fast, ", "", []string{`work_queue_name "fast" "default"`}},
	}
	text := rich
	for _, edit := range edits {
		if !strings.Contains(text, edit.old) {
			t.Fatalf("%s: the manifest has no %q", edit.name, edit.old)
		}
		text = strings.Replace(text, edit.old, edit.new, 1)
		p := b.apply(t, text)
		var got []string
		for _, c := range p.Actions[0].Changes {
			got = append(got, strings.Join([]string{c.Field, show(c.From), show(c.To)}, " "))
		}
		slices.Sort(got)
		same := slices.EqualFunc(got, edit.want, strings.HasPrefix)
		if !same {
			t.Errorf("%s: %s", edit.name, cmp.Diff(edit.want, got))
		}
	}
}

func show(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// A person's pause of a deployment or of a schedule stays, and so does what the manifest does not mention.
func TestWhatPeopleChangedStays(t *testing.T) {
	t.Parallel()
	b := open(t)
	const text = `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    schedules: [{cron: "0 6 * * *"}]
    work_pool: {name: "%POOL%"}
`
	b.apply(t, text)
	d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.api.UpdateDeployment(t.Context(), d.ID, map[string]any{"paused": true}); err != nil {
		t.Fatal(err)
	}
	if err := b.api.UpdateSchedule(t.Context(), d.ID, d.Schedules[0].ID, map[string]any{"active": false}); err != nil {
		t.Fatal(err)
	}
	if p := b.plan(t, text); !p.Empty() {
		t.Errorf("a pause counts as a change: %+v", p.Actions)
	}
	b.apply(t, strings.Replace(text, "0 6", "0 7", 1))
	after, err := b.api.Deployment(t.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !after.Paused || after.Schedules[0].Active || after.Schedules[0].Rule.Cron != "0 7 * * *" || after.Schedules[0].ID != d.Schedules[0].ID {
		t.Errorf("got %+v", after)
	}
}

// What is unchanged is not written, what is not ours is neither changed nor deleted.
func TestForeign(t *testing.T) {
	t.Parallel()
	b := open(t)
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`
	f, err := b.api.EnsureFlow(t.Context(), b.flow.Name)
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{"name": "two", "flow_id": f.ID, "tags": []string{b.owner.Tag() + "x"}})
	if err != nil {
		t.Fatal(err)
	}
	p := b.plan(t, text)
	if p.Count(plan.Create) != 1 || p.Count(plan.Blocked) != 1 || p.Actions[1].Reasons[0].Code != "deployment-claimed" {
		t.Fatalf("got %+v", p.Actions)
	}
	r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(r.Failed()) > 0 {
		t.Fatal(err, r)
	}
	b.writes = nil
	if r, err := apply.Apply(t.Context(), b.api, b.plan(t, text), apply.Options{}); err != nil || len(r.Failed()) > 0 || len(b.writes) > 0 {
		t.Errorf("unchanged, and written: %v %v %v", err, r, b.writes)
	}
	if owned := b.owned(t); len(owned) != 1 || owned[0] != "one" {
		t.Fatal(owned)
	}
	again := b.cleaning(t)
	b.clean(t)
	if r, err := apply.Apply(t.Context(), b.api, again, apply.Options{}); err != nil || len(r.Failed()) > 0 {
		t.Errorf("cleaning twice: %v %+v", err, r)
	}
	after, err := b.api.Deployment(t.Context(), foreign.ID)
	if err != nil || !after.Updated.Equal(foreign.Updated) {
		t.Errorf("the foreign deployment was touched: %v %v", err, after)
	}
	if left := b.owned(t); len(left) > 0 {
		t.Error(left)
	}
}

// A pool of another type blocks what needs it.
func TestPoolOfAnotherType(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: b.pool, Type: "docker"}); err != nil {
		t.Fatal(err)
	}
	p := b.plan(t, `deployments: [{name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`)
	if p.Count(plan.Blocked) != 1 || p.Actions[0].Reasons[0].Code != "pool-type" {
		t.Errorf("got %+v", p.Actions)
	}
}

// A cancelled apply ends before the next write, and says what was not done.
func TestCancel(t *testing.T) {
	t.Parallel()
	b := open(t)
	p := b.plan(t, `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	r, err := apply.Apply(ctx, b.api, p, apply.Options{Done: func(plan.Outcome, int) { cancel() }})
	if err == nil || len(r.Outcomes) != 2 || r.Outcomes[0].Err != nil || r.Outcomes[1].Err == nil {
		t.Errorf("%v %+v", err, r)
	}
	if owned := b.owned(t); len(owned) != 1 {
		t.Error(owned)
	}
}

// What nothing asks for any more is shown, and deleted only when that is wanted and nothing speaks for it.
func TestPrune(t *testing.T) {
	t.Parallel()
	b := open(t)
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`
	one := strings.Join(strings.Split(text, "\n")[:3], "\n")
	b.apply(t, text)
	f, err := b.api.EnsureFlow(t.Context(), b.flow.Name)
	if err != nil {
		t.Fatal(err)
	}
	for name, tag := range map[string]string{"foreign": "x", "served": b.owner.Tag() + "/serve", "elsewhere": b.owner.Tag() + "x"} {
		if _, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{"name": name, "flow_id": f.ID, "tags": []string{tag}}); err != nil {
			t.Fatal(err)
		}
	}
	tests := map[string]struct {
		prune plan.Prune
		want  string // of deployment two
	}{
		"off":                 {plan.Prune{}, "leftover"},
		"on":                  {plan.Prune{On: true}, "delete"},
		"protected":           {plan.Prune{On: true, Protected: func(name string) bool { return name == b.flow.Name }}, "leftover"},
		"of another kind":     {plan.Prune{On: true, Kinds: []kind.Kind{kind.Container}}, ""},
		"of this kind":        {plan.Prune{On: true, Kinds: []kind.Kind{kind.Python}}, "delete"},
		"file not readable":   {plan.Prune{On: true, Unreadable: []string{"flows/f.py"}}, ""},
		"folder not readable": {plan.Prune{On: true, Unreadable: []string{"flows"}}, ""},
		"another folder":      {plan.Prune{On: true, Unreadable: []string{"flow", "flows/f"}}, "delete"},
	}
	for name, test := range tests {
		p, live := b.compare(t, one)
		p.Prune(live, test.prune)
		got := ""
		for _, a := range p.Actions {
			switch a.Name {
			case "one":
			case "two":
				got = string(a.Op)
			default:
				t.Errorf("%s: the plan is about %s", name, a.Name)
			}
		}
		if got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	p, live := b.compare(t, one)
	p.Block("two", b.flow.Name, "", nil)
	p.Prune(live, plan.Prune{On: true})
	if p.Count(plan.Delete) > 0 {
		t.Error("a blocked deployment is pruned")
	}
	p, live = b.compare(t, one)
	p.Prune(live, plan.Prune{On: true})
	r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(r.Failed()) > 0 {
		t.Fatal(err, r)
	}
	if confirmed, err := apply.Confirm(t.Context(), b.api, p, r); err != nil || len(confirmed.Differences) > 0 {
		t.Error(err, confirmed.Differences)
	}
	left, err := b.api.Deployments(t.Context(), prefect.DeploymentFilter{Names: []string{"one", "two", "foreign", "served", "elsewhere"}})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, d := range left {
		if d.FlowID == f.ID {
			names = append(names, d.Name)
		}
	}
	slices.Sort(names)
	if diff := cmp.Diff([]string{"elsewhere", "foreign", "one", "served"}, names); diff != "" {
		t.Error(diff)
	}
}
