package serve

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/session"
)

// offline is a draft with the pools of both kinds.
func offline(desired ...plan.Desired) draft.Rendered {
	d := draft.Rendered{Desired: desired}
	d.Env = config.Env{
		Name: "dev", Project: "shop", Deployment: config.Deployment{
			Kinds: []kind.Kind{kind.Python, kind.Container}, Pools: map[kind.Kind]config.Pool{kind.Python: {Name: "local", Type: "process"}, kind.Container: {Name: "boxes", Type: "docker"}},
		},
	}
	return d
}

// A flow is served once, as its first deployment in processes has it, or else its first one.
func TestServedOnce(t *testing.T) {
	t.Parallel()
	one, two := &flow.Flow{Name: "one", Entrypoint: "one.py:f"}, &flow.Flow{Name: "two", Entrypoint: "two.py:f"}
	in := func(f *flow.Flow, pool, description string) plan.Desired {
		return plan.Desired{Name: description, Flow: f, Fields: map[string]any{"work_pool_name": pool, "description": description}}
	}
	list, wanted := served(offline(in(one, "boxes", "1c"), in(two, "boxes", "2c"), in(one, "local", "1p"), in(one, "local", "1q")))
	var got []string
	for _, x := range list {
		description := fmt.Sprint(x.Fields["description"])
		got = append(got, x.Name+" as "+description)
		if wanted[x.Name].Name != description {
			t.Errorf("%s stands for %s", x.Name, wanted[x.Name].Name)
		}
	}
	if diff := cmp.Diff([]string{"one-serve-dev as 1p", "two-serve-dev as 2c"}, got); diff != "" {
		t.Error(diff)
	}
}

// What a deployment says of its runs, the served one says too, but for what only a worker can do; its tag is the one of what is served.
func TestServedAs(t *testing.T) {
	t.Parallel()
	d := offline()
	full := plan.Desired{
		Flow: &flow.Flow{Name: "load", Entrypoint: "load.py:load"},
		Fields: map[string]any{
			"description": "loads", "version": "1.2", "parameters": map[string]any{"day": "today"}, "concurrency_limit": 2, "enforce_parameter_schema": false, "paused": true,
			"tags": []any{"nightly", d.Owner().Tag()}, "job_variables": map[string]any{"env": map[string]any{"A": "1", "B": "{{ prefect.blocks.secret.b }}"}, "image": "x"},
		},
		Schedules: []manifest.Schedule{{Interval: 60}},
	}
	want := local.Served{
		Name: "load-serve-dev", Entrypoint: "load.py:load", Fields: map[string]any{
			"description": "loads", "version": "1.2", "parameters": map[string]any{"day": "today"}, "tags": []string{"nightly", d.Owner().ServeTag()},
			"concurrency_limit": 2, "enforce_parameter_schema": false,
		},
		Schedules: []map[string]any{{"interval": 60.0}}, Paused: true, Env: map[string]string{"A": "1", "B": "{{ prefect.blocks.secret.b }}"},
	}
	got := servedAs(d, full)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"B"}, withoutBlocks([]local.Served{got})); diff != "" || len(got.Env) != 1 {
		t.Error(diff, got.Env)
	}
	bare := servedAs(d, plan.Desired{Flow: full.Flow, Fields: map[string]any{}})
	if diff := cmp.Diff(local.Served{
		Name: "load-serve-dev", Entrypoint: "load.py:load", Fields: map[string]any{"tags": []string{d.Owner().ServeTag()}}, Schedules: []map[string]any{}, Env: map[string]string{},
	}, bare); diff != "" {
		t.Error(diff)
	}
}

// What a person has paused stays paused, unless serving itself pauses at its end; what is somebody else's is not served at all.
func TestSettle(t *testing.T) {
	t.Parallel()
	d := offline(plan.Desired{Flow: &flow.Flow{Name: "load", Entrypoint: "load.py:load"}, Fields: map[string]any{}})
	for name, c := range map[string]struct {
		tags    []string
		pausing bool
		paused  bool
		code    fault.Code
	}{
		"paused by hand":    {[]string{d.Owner().ServeTag()}, false, true, fault.OK},
		"paused by serving": {[]string{d.Owner().ServeTag()}, true, false, fault.OK},
		"somebody else's":   {nil, false, false, fault.Refused},
	} {
		api := prefecttest.StandIn(t, 0, 0, map[string]func(time.Time) any{
			"/deployments/filter": func(time.Time) any {
				return []map[string]any{{"id": "1", "name": "load-serve-dev", "flow_id": "f", "paused": true, "tags": c.tags}}
			},
			"/flows/filter": func(time.Time) any { return []map[string]any{{"id": "f", "name": "load"}} },
		})
		list, wanted := served(d)
		s := &session.Session{Console: console.New(&bytes.Buffer{}, &bytes.Buffer{})}
		err := settle(t.Context(), s, session.Server{API: api}, d.Owner(), list, wanted, c.pausing)
		if fault.CodeOf(err) != c.code || list[0].Paused != c.paused {
			t.Errorf("%s: paused %t, %v", name, list[0].Paused, err)
		}
	}
}

// What the programs tell decides what is told at the end.
func TestTold(t *testing.T) {
	t.Parallel()
	var out, beside bytes.Buffer
	v := &Serving{
		s: &session.Session{Console: console.New(&out, &beside)}, to: session.Server{UI: "http://ui"}, env: "dev", broken: map[string]string{}, shown: map[string]bool{}, back: make(chan struct{}, 1),
		list: make([]local.Served, 2), blocked: []string{"blocked-serve-dev"},
	}
	for _, e := range []local.ServeEvent{
		{Event: local.Loading, Name: "a"}, {Event: local.Broken, Name: "a", Reason: "no module x"}, {Event: local.Serving, Name: "b", ID: "1"}, {Event: local.Serving, Name: "b", ID: "1"}, {Event: local.Ready},
		{Event: local.Away, Reason: "refused"}, {Event: local.Back}, {Event: local.Back}, {Event: local.Finishing, Runs: 2}, {Event: local.HandedBack, ID: "r"}, {Event: local.Nothing}, {Event: local.Loading, Name: "c"}, {Event: local.Serving, Name: "b"},
	} {
		v.told(e)
	}
	v.mention()
	if diff := cmp.Diff("serving   b  http://ui/deployments/deployment/1\n", out.String()); diff != "" {
		t.Error(diff)
	}
	for _, text := range []string{
		"a is not served: no module x", "ready: 1 served flow", "the server does not answer (refused)", "the server answers again", "waiting for 2 runs", "run r is handed back", "still on the server: [b]",
	} {
		if strings.Count(beside.String(), text) == 0 {
			t.Errorf("no %q in\n%s", text, beside.String())
		}
	}
	if !v.idle() || v.loading != "" || len(v.back) != 1 {
		t.Errorf("idle %t, loading %q, back %d", v.idle(), v.loading, len(v.back))
	}
	if err := v.verdict(); fault.CodeOf(err) != fault.Findings || !strings.Contains(err.Error(), "[a blocked-serve-dev]") {
		t.Error(err)
	}
	if err := (&Serving{}).verdict(); err != nil {
		t.Error(err)
	}
}
