//go:build e2e

package apply_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

const single = `deployments: [{name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`

// with gives the bench's pool with defaults in its template.
func (b *bench) with(t *testing.T, defaults map[string]any, p pool.Pool) pool.Pool {
	t.Helper()
	text, err := json.Marshal(b.want.Base)
	if err != nil {
		t.Fatal(err)
	}
	var template map[string]any
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	properties, _ := pool.Variables(template)["properties"].(map[string]any)
	for name, v := range defaults {
		variable, _ := properties[name].(map[string]any)
		variable["default"] = v
	}
	p.Name, p.Type, p.Base, p.Defaults = b.pool, "process", template, defaults
	return p
}

// own gives the bench's pool in a plan.
func (b *bench) own(t *testing.T, p plan.Plan) plan.Pool {
	t.Helper()
	i := slices.IndexFunc(p.Pools, func(x plan.Pool) bool { return x.Name == b.pool })
	if i < 0 {
		t.Fatalf("the plan says nothing of %s: %+v", b.pool, p.Pools)
	}
	return p.Pools[i]
}

// lines gives changes as "field: from -> to".
func lines(changes []canonical.Change) []string {
	var out []string
	for _, c := range changes {
		from, _ := json.Marshal(c.From)
		to, _ := json.Marshal(c.To)
		out = append(out, fmt.Sprintf("%s: %s -> %s", c.Field, from, to))
	}
	return out
}

// ask sends a request past our own client, again while the server is busy.
func (b *bench) ask(t *testing.T, method, path, body string) {
	t.Helper()
	for range 20 {
		req, err := http.NewRequestWithContext(t.Context(), method, b.api.URL()+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Close = true // a busy server hangs up
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		switch {
		case err != nil:
			t.Fatal(err)
		case resp.StatusCode < http.StatusMultipleChoices:
			return
		case resp.StatusCode != http.StatusServiceUnavailable:
			t.Fatalf("%s %s: %s\n%s", method, path, resp.Status, text)
		}
	}
	t.Fatalf("%s %s: the server is busy all the time", method, path)
}

// TestPoolIsKeptEqual walks a pool through its life: made, changed by settings, changed by others, paused by a person.
func TestPoolIsKeptEqual(t *testing.T) {
	t.Parallel()
	b := open(t)
	plain := b.want
	b.want = b.with(t, map[string]any{"env": map[string]any{"TZ": "UTC", "API_TOKEN": "c4n4ry"}, "stream_output": false}, pool.Pool{Upkeep: config.Upkeep{
		Concurrency: new(3), Queues: map[string]pool.Queue{"fast": {Priority: new(1), Concurrency: new(2)}, "default": {Priority: new(2)}, "free": {}},
	}})
	first := b.apply(t, single)
	want := []string{
		"concurrency_limit: null -> 3", `defaults.env: null -> {"API_TOKEN":"********","TZ":"UTC"}`, "defaults.stream_output: null -> false",
		`queues.fast: null -> {"concurrency_limit":2,"priority":1}`, "queues.default.priority: null -> 2", "queues.free: null -> {}",
	}
	if diff := cmp.Diff(want, lines(b.own(t, first).Changes)); diff != "" || b.own(t, first).Op != plan.Create {
		t.Error(diff)
	}
	stored, _, err := b.api.WorkPool(t.Context(), b.pool)
	if err != nil || !b.owner.Keeps(stored.Description) || *stored.ConcurrencyLimit != 3 || !strings.Contains(string(stored.BaseJobTemplate), "c4n4ry") {
		t.Errorf("%v %+v", err, stored)
	}
	queues, err := b.api.WorkQueues(t.Context(), b.pool)
	if err != nil || len(queues) != 3 || queues[0].Name != "fast" || queues[1].Name != "default" {
		t.Errorf("%v %+v", err, queues)
	}

	// By other hands; a pause is a person's.
	b.ask(t, http.MethodPatch, "/work_pools/"+b.pool, `{"concurrency_limit": 9, "is_paused": true}`)
	b.ask(t, http.MethodPatch, "/work_pools/"+b.pool+"/queues/free", `{"priority": 1, "concurrency_limit": 7}`)
	second := b.apply(t, single)
	want = []string{"concurrency_limit: 9 -> 3", "queues.fast.priority: 2 -> 1", "queues.default.priority: 3 -> 2", "queues.free.concurrency_limit: 7 -> null"}
	if diff := cmp.Diff(want, lines(b.own(t, second).Changes)); diff != "" || b.own(t, second).Op != plan.Update {
		t.Error(diff)
	}
	if notes := b.own(t, second).Notes; !slices.Contains(notes, "it is paused on the server, and stays so") {
		t.Error(notes)
	}
	if stored, _, err = b.api.WorkPool(t.Context(), b.pool); err != nil || !stored.Paused {
		t.Errorf("the pause is gone: %v", err)
	}
	if strings.Contains(fmt.Sprint(lines(b.own(t, first).Changes), lines(b.own(t, second).Changes)), "c4n4ry") {
		t.Error("a secret is shown")
	}

	// By the settings: what they no longer say goes.
	b.want = plain
	third := b.apply(t, single)
	want = []string{
		`defaults.env: {"API_TOKEN":"********","TZ":"UTC"} -> null`, "defaults.stream_output: false -> true", "concurrency_limit: 3 -> null",
	}
	if diff := cmp.Diff(want, lines(b.own(t, third).Changes)); diff != "" {
		t.Error(diff)
	}
	b.mu.Lock()
	b.writes = nil
	b.mu.Unlock()
	b.apply(t, single)
	for _, w := range b.writes {
		if !strings.Contains(w, "/artifacts/") { // this test's own receipt
			t.Error("a plan with nothing to do wrote", w)
		}
	}
}

// TestPoolsProperty: whatever the settings say of a pool, and whatever it was before, the plan after an apply is empty.
func TestPoolsProperty(t *testing.T) {
	t.Parallel()
	b := open(t)
	plain := b.want
	r := rand.New(rand.NewPCG(7, 11))
	some := func() *int {
		if r.IntN(3) == 0 {
			return nil
		}
		return new(r.IntN(5))
	}
	for round := range prerequisite.Size(8, 100) {
		b.want = plain
		names := []string{"default", "a", "b", "c d", "ü"}
		r.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
		priorities := r.Perm(9)
		p := pool.Pool{Upkeep: config.Upkeep{Concurrency: some()}}
		if r.IntN(4) > 0 {
			p.Queues = map[string]pool.Queue{}
			for i, name := range names[:r.IntN(len(names))] {
				q := pool.Queue{Concurrency: some()}
				if r.IntN(3) > 0 {
					q.Priority = new(priorities[i] + 1)
				}
				p.Queues[name] = q
			}
		}
		defaults := map[string]any{}
		for _, v := range []struct {
			name  string
			value any
		}{{"env", map[string]any{"N": strconv.Itoa(round), "E": nil}}, {"labels", map[string]any{}}, {"working_dir", nil}, {"stream_output", r.IntN(2) == 0}, {"name", "é\u2028<&>"}} {
			if r.IntN(2) == 0 {
				defaults[v.name] = v.value
			}
		}
		b.want = b.with(t, defaults, p)
		b.apply(t, single) // asks for an empty plan afterwards
		if t.Failed() {
			t.Fatalf("round %d: %+v", round, p)
		}
	}
}

// A pool that lacks the marker is used and never changed; the line in its description makes it ours.
func TestForeignPool(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: b.pool, Type: "process", Description: "mine", ConcurrencyLimit: new(1)}); err != nil {
		t.Fatal(err)
	}
	if p := b.apply(t, single); b.own(t, p).Op != plan.Unchanged || len(b.own(t, p).Notes) > 0 {
		t.Errorf("without a word in the settings: %+v", b.own(t, p))
	}
	b.want = b.with(t, nil, pool.Pool{Upkeep: config.Upkeep{Concurrency: new(2), Queues: map[string]pool.Queue{"fast": {}}}})
	p := b.apply(t, single)
	note := fmt.Sprintf("it is not ours and is left alone, though the settings differ in base_job_template, concurrency_limit, queues.fast; a line %q in its description makes it ours", b.owner.PoolMarker())
	if diff := cmp.Diff([]string{note}, b.own(t, p).Notes); diff != "" || b.own(t, p).Op != plan.Unchanged {
		t.Error(diff)
	}
	if stored, _, err := b.api.WorkPool(t.Context(), b.pool); err != nil || *stored.ConcurrencyLimit != 1 || stored.Description != "mine" {
		t.Errorf("%v %+v", err, stored)
	}
	b.ask(t, http.MethodPatch, "/work_pools/"+b.pool, fmt.Sprintf(`{"description": "mine\n%s\n"}`, b.owner.PoolMarker()))
	if p = b.apply(t, single); b.own(t, p).Op != plan.Update {
		t.Errorf("%+v", b.own(t, p))
	}
	if stored, _, err := b.api.WorkPool(t.Context(), b.pool); err != nil || *stored.ConcurrencyLimit != 2 || !strings.HasPrefix(stored.Description, "mine\n") {
		t.Errorf("%v %+v", err, stored)
	}
}

// A pool's type can't be changed, not of one that is ours either.
func TestOurPoolOfAnotherType(t *testing.T) {
	t.Parallel()
	b := open(t)
	if _, err := b.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: b.pool, Type: "docker", Description: b.owner.PoolMarker()}); err != nil {
		t.Fatal(err)
	}
	p := b.plan(t, single)
	x := b.own(t, p)
	if x.Op != plan.Blocked || len(x.Reasons) != 1 || x.Reasons[0].Code != "pool-type" || x.Reasons[0].Severity != finding.Error {
		t.Errorf("%+v", x)
	}
	if p.Count(plan.Blocked) != 1 || !p.Empty() {
		t.Error(p.Summary())
	}
}

// TestPoolsGo: what is ours and named by nothing is deleted when asked for, and not as long as anything uses it.
func TestPoolsGo(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, single)
	old := b.pool
	b.pool += "-new"
	b.want.Name = b.pool
	t.Cleanup(func() { _ = b.api.DeleteWorkPool(t.Context(), old) })
	stranger := prerequisite.List(t, http.MethodPost, "/flows/filter", map[string]any{"flows": map[string]any{"name": map[string]any{"any_": []string{b.flow.Name}}}})[0]["id"]
	pruned := func(o plan.Prune) plan.Pool {
		t.Helper()
		o.Pools = true
		p, state := b.compare(t, single)
		p.Prune(state, o)
		if err := live.Precheck(t.Context(), b.api, &p, state); err != nil {
			t.Fatal(err)
		}
		for _, x := range p.Pools {
			if x.Name == old {
				return x
			}
		}
		return plan.Pool{Op: "nothing"}
	}
	for _, c := range []struct {
		name          string
		prune         plan.Prune
		before, after func()
		op            plan.Op
		stays         string
	}{
		{"prune is off", plan.Prune{}, nil, nil, plan.Leftover, "no setting names it"},
		{"protected", plan.Prune{On: true, Held: true}, nil, nil, plan.Leftover, "protect: true"},
		{"another kind", plan.Prune{On: true, Kinds: []kind.Kind{kind.Container}}, nil, nil, "nothing", ""},
		{"somebody else's deployment", plan.Prune{On: true}, func() {
			b.ask(t, http.MethodPost, "/deployments/", fmt.Sprintf(`{"name": "theirs", "flow_id": %q, "work_pool_name": %q}`, stranger, old))
		}, func() {
			d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, "theirs")
			if err == nil {
				err = b.api.DeleteDeployment(t.Context(), d.ID)
			}
			if err != nil {
				t.Fatal(err)
			}
		}, plan.Leftover, "used by 1 deployment"},
		{"ours moves away with it", plan.Prune{On: true}, nil, nil, plan.Delete, ""},
		{"a worker", plan.Prune{On: true}, func() {
			b.ask(t, http.MethodPost, "/work_pools/"+old+"/workers/heartbeat", `{"name": "w1", "heartbeat_interval_seconds": 300}`)
		}, func() { b.ask(t, http.MethodDelete, "/work_pools/"+old+"/workers/w1", "null") }, plan.Leftover, "its worker w1 is online"},
	} {
		if c.before != nil {
			c.before()
		}
		if x := pruned(c.prune); x.Op != c.op || !strings.Contains(x.Stays, c.stays) {
			t.Errorf("%s: %+v", c.name, x)
		}
		if c.after != nil {
			c.after()
		}
	}
	p, live := b.compare(t, single)
	p.Prune(live, plan.Prune{On: true, Pools: true})
	if p.CountPools(plan.Delete) != 1 || !strings.Contains(p.Summary(), "work pools: 1 to create, 1 to delete") {
		t.Fatal(p.Summary())
	}
	result, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(result.Failed()) > 0 {
		t.Fatal(err, result.Failed())
	}
	confirmed, err := apply.Confirm(t.Context(), b.api, p, result)
	if err != nil || len(confirmed.Pools)+len(confirmed.Differences) > 0 {
		t.Error(err, confirmed)
	}
	if _, there, err := b.api.WorkPool(t.Context(), old); there || err != nil {
		t.Error("the old pool is still there", err)
	}
	if after := p.Applied(result); len(after.Pools) != 1 || after.Pools[0].Op != plan.Unchanged {
		t.Errorf("%+v", after.Pools)
	}
}

// Of queues only those with our marker go, and only empty ones.
func TestQueuesGo(t *testing.T) {
	t.Parallel()
	b := open(t)
	all := map[string]pool.Queue{"a": {Concurrency: new(1)}, "b": {}, "c": {}}
	b.want = b.with(t, nil, pool.Pool{Upkeep: config.Upkeep{Queues: all}})
	b.apply(t, `deployments: [{name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%", work_queue_name: c}}]`)
	b.ask(t, http.MethodPost, "/work_pools/"+b.pool+"/queues", `{"name": "theirs"}`)
	b.want.Queues = map[string]pool.Queue{"b": {}}
	kept := `deployments: [{name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%", work_queue_name: c}}, {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%", work_queue_name: c}}]`
	p, state := b.compare(t, kept)
	p.Prune(state, plan.Prune{Pools: true})
	if notes := b.own(t, p).Notes; len(notes) != 2 || !strings.HasPrefix(notes[0], "its queue a is left over: no setting names it") || b.own(t, p).Op != plan.Unchanged {
		t.Error(notes)
	}
	p, state = b.compare(t, kept)
	p.Prune(state, plan.Prune{On: true, Pools: true})
	if err := live.Precheck(t.Context(), b.api, &p, state); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`queues.a: {"concurrency_limit":1,"priority":2} -> null`}, lines(b.own(t, p).Changes)); diff != "" || len(b.own(t, p).Notes) != 1 {
		t.Error(diff, b.own(t, p).Notes)
	}
	result, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(result.Failed()) > 0 {
		t.Fatal(err, result.Failed())
	}
	queues, err := b.api.WorkQueues(t.Context(), b.pool)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, q := range queues {
		names[q.Name] = true
	}
	if want := []string{"b", "c", "default", "theirs"}; !slices.Equal(want, slices.Sorted(maps.Keys(names))) {
		t.Errorf("%v", names)
	}
}

// Defaults that refer to what the server lacks block the pool; what needs a pool that is not there yet is blocked with it.
func TestPoolDefaultsReferToWhatExists(t *testing.T) {
	t.Parallel()
	b := open(t)
	plain := b.want
	b.want = b.with(t, map[string]any{"env": map[string]any{"A": "{{ prefect.variables.nope_" + strings.ToLower(b.flow.Version) + " }}"}}, pool.Pool{})
	checked := func() plan.Plan {
		t.Helper()
		p, state := b.compare(t, single)
		if err := live.Precheck(t.Context(), b.api, &p, state); err != nil {
			t.Fatal(err)
		}
		return p
	}
	if p := checked(); p.CountPools(plan.Blocked) != 1 || p.Count(plan.Blocked) != 1 || p.Pools[0].Reasons[0].Code != "reference-missing" {
		t.Errorf("%+v", p)
	}
	wrong := b.want
	b.want = plain
	b.apply(t, single)
	b.want = wrong
	if p := checked(); p.CountPools(plan.Blocked) != 1 || p.Count(plan.Unchanged) != 1 || !p.Empty() {
		t.Errorf("%+v", p)
	}
}

// TestUnchangedPlanReadsPoolsOnce holds what a plan asks for: all pools in one request, and queues only where settings name some.
func TestUnchangedPlanReadsPoolsOnce(t *testing.T) {
	t.Parallel()
	b := open(t)
	plain := b.want
	for _, queues := range []map[string]pool.Queue{nil, {"fast": {}}} {
		b.want = plain
		b.want.Queues = queues
		b.apply(t, single)
		b.mu.Lock()
		b.reads, b.writes = nil, nil
		b.mu.Unlock()
		p, state := b.compare(t, single)
		p.Prune(state, plan.Prune{On: true, Pools: true})
		if err := live.Precheck(t.Context(), b.api, &p, state); err != nil || !p.Empty() {
			t.Fatal(err, p.Summary())
		}
		want := []string{"POST /deployments/filter", "POST /flows/filter", "POST /work_pools/filter"}
		if queues != nil {
			want = append(want, "POST /work_pools/"+b.pool+"/queues/filter")
		}
		got := slices.DeleteFunc(slices.Sorted(slices.Values(b.reads)), func(r string) bool { return strings.Contains(r, "automations") })
		slices.Sort(want)
		if diff := cmp.Diff(want, got); diff != "" || len(b.writes) > 0 {
			t.Errorf("%s%v", diff, b.writes)
		}
	}
}

// A guest makes what is missing and changes nothing.
func TestGuestsLeavePoolsAlone(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.owner.Env, b.owner.Home, b.owner.Guest = "dev-preview-x", "dev", true
	b.apply(t, single)
	stored, _, err := b.api.WorkPool(t.Context(), b.pool)
	if err != nil || stored.Description != "Managed by flowmage:"+b.owner.Project+"/dev" {
		t.Errorf("%v %+v", err, stored)
	}
	b.want = b.with(t, nil, pool.Pool{Upkeep: config.Upkeep{Concurrency: new(2)}})
	if p := b.plan(t, single); !p.Empty() {
		t.Error(p.Summary())
	}
	if kept := b.cleaning(t).Pools; len(kept) > 0 {
		t.Error(kept)
	}
	b.owner = ownership.Owner{Project: b.owner.Project, Env: "dev"}
	if p := b.plan(t, single); b.own(t, p).Op != plan.Update {
		t.Error(p.Summary())
	}
}
