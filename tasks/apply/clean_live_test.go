//go:build e2e

package apply_test

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// cleaning gives the plan that takes all away.
func (b *bench) cleaning(t *testing.T) plan.Plan {
	t.Helper()
	p, _, err := live.Cleaning(t.Context(), b.api, b.owner, live.Narrow{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// owned gives the names of what is ours on the server.
func (b *bench) owned(t *testing.T) []string {
	t.Helper()
	return names(b.cleaning(t).Deletions())
}

func names(list []plan.Action) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, a.Name)
	}
	return out
}

// clean takes all away.
func (b *bench) clean(t *testing.T) plan.Result {
	t.Helper()
	r, err := apply.Apply(t.Context(), b.api, b.cleaning(t), apply.Options{})
	if err != nil || len(r.Failed()) > 0 {
		t.Error(err, r)
	}
	return r
}

// TestCleanTakesPools deletes our pools and none that is in use.
func TestCleanTakesPools(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, single)
	f, err := b.api.EnsureFlow(t.Context(), b.flow.Name)
	if err != nil {
		t.Fatal(err)
	}
	theirs, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{"name": "theirs", "flow_id": f.ID, "work_pool_name": b.pool})
	if err != nil {
		t.Fatal(err)
	}
	if r := b.clean(t); len(r.Pools) != 1 || r.Pools[0].Op != plan.Leftover || r.Pools[0].Stays != "used by 1 deployment" {
		t.Errorf("%+v", r.Pools)
	}
	if err := b.api.DeleteDeployment(t.Context(), theirs.ID); err != nil {
		t.Fatal(err)
	}
	if r := b.clean(t); len(r.Pools) != 1 || r.Pools[0].Op != plan.Delete {
		t.Errorf("%+v", r.Pools)
	}
	if _, there, err := b.api.WorkPool(t.Context(), b.pool); there || err != nil {
		t.Error("still there", err)
	}
}

// TestCleanNarrowed deletes what the words name, as the server has it, and nothing else.
func TestCleanNarrowed(t *testing.T) {
	t.Parallel()
	b := open(t)
	second := b.another(t, "-second", secondFile)
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: two, entrypoint: "flows/other/g.py:f", work_pool: {name: "%POOL%"}}
`
	p, _ := b.pruning(t, []flow.Flow{b.flow, second}, text)
	b.execute(t, p)
	f, err := b.api.EnsureFlow(t.Context(), second.Name)
	if err != nil {
		t.Fatal(err)
	}
	for name, tag := range map[string]string{"loose": b.owner.Tag(), "served": b.owner.ServeTag(), "foreign": b.owner.Tag() + "x"} {
		if _, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{"name": name, "flow_id": f.ID, "tags": []string{tag}, "entrypoint": "flows/gone/h.py:h"}); err != nil {
			t.Fatal(err)
		}
	}
	one, two, other := b.flow.Name+"/one", b.flow.Name+"/two", second.Name+"/two"
	loose, served := second.Name+"/loose", second.Name+"/served"
	tests := map[string]struct {
		only   []string
		kind   kind.Kind
		want   []string // served ones at the end
		refuse string
	}{
		"one deployment":             {[]string{two}, "", []string{two}, ""},
		"a flow":                     {[]string{b.flow.Name}, "", []string{one, two}, ""},
		"a flow and a deployment":    {[]string{b.flow.Name, other}, "", []string{one, two, other}, ""},
		"a folder":                   {[]string{"other"}, "", []string{other}, ""},
		"a folder's path":            {[]string{"flows/other"}, "", []string{other}, ""},
		"a function":                 {[]string{"h"}, "", []string{loose, served}, ""},
		"what the repository lacks":  {[]string{"gone"}, "", []string{loose, served}, ""},
		"a deployment's name":        {[]string{"one"}, "", []string{one}, ""},
		"a function of two flows":    {[]string{"f"}, "", nil, `"f" is the function of several flows`},
		"a name of two flows":        {[]string{"two"}, "", nil, `"two" is the deployment of several flows`},
		"a pattern":                  {[]string{"*/two"}, "", []string{two, other}, ""},
		"a pattern of nothing":       {[]string{"x-*"}, "", nil, `nothing of ours on the server is called "x-*"`},
		"nothing":                    {[]string{"ones"}, "", nil, `nothing of ours on the server is called "ones"`},
		"somebody else's":            {[]string{second.Name + "/foreign"}, "", nil, "nothing of ours"},
		"one of them known":          {[]string{one, "ones"}, "", nil, "nothing of ours"},
		"a kind":                     {nil, "python", []string{one, two, other}, ""},
		"another kind":               {nil, "container", []string{}, ""},
		"a kind of a flow's":         {[]string{second.Name}, "python", []string{other}, ""},
		"another kind of one's kind": {[]string{one}, "container", []string{}, ""},
	}
	for name, test := range tests {
		p, more, err := live.Cleaning(t.Context(), b.api, b.owner, live.Narrow{Only: test.only, Kind: test.kind})
		if f, refused := errors.AsType[*fault.Error](err); test.refuse != "" {
			if !refused || f.Code != fault.Usage || !strings.Contains(f.What, test.refuse) || !strings.Contains(f.Why, other) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil {
			t.Fatal(name, err)
		}
		got := []string{}
		for _, a := range append(p.Deletions(), more...) {
			got = append(got, a.Flow+"/"+a.Name)
		}
		if diff := cmp.Diff(sorted(test.want), sorted(got)); diff != "" || len(p.Pools) > 0 || len(p.Actions) != 4 {
			t.Errorf("%s: %s %d pools", name, diff, len(p.Pools))
		}
	}
	p, _, err = live.Cleaning(t.Context(), b.api, b.owner, live.Narrow{Only: []string{two}})
	if err != nil {
		t.Fatal(err)
	}
	b.execute(t, p)
	if diff := cmp.Diff([]string{"loose", "one", "two"}, b.owned(t)); diff != "" {
		t.Error(diff)
	}
	if _, there, err := b.api.WorkPool(t.Context(), b.pool); err != nil || !there {
		t.Error("the pool is gone", err)
	}
	history, err := receipt.History(t.Context(), b.api, b.owner, 0)
	if err != nil || len(history) != 2 {
		t.Fatal(err, history)
	}
	last, err := receipt.Load(t.Context(), b.api, history[1])
	if err != nil || len(last.Entries) != 4 {
		t.Fatal(err, last.Entries)
	}
	for _, e := range last.Entries {
		if gone := e.Flow+"/"+e.Name == two; gone != (e.Op == plan.Delete) || gone == (e.Hash != "") {
			t.Errorf("the receipt says %+v", e)
		}
	}
}

// TestCleanTakesServed deletes what is served on its own, and nothing beside it.
func TestCleanTakesServed(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, single)
	one, err := b.api.DeploymentByName(t.Context(), b.flow.Name, "one")
	if err != nil {
		t.Fatal(err)
	}
	for name, tag := range map[string]string{"served": b.owner.ServeTag(), "elsewhere": b.owner.ServeTag() + "x"} {
		if _, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{"name": name, "flow_id": one.FlowID, "tags": []string{tag}}); err != nil {
			t.Fatal(err)
		}
	}
	b.clean(t)
	served, err := live.Served(t.Context(), b.api, b.owner)
	if err != nil || !slices.Equal(names(served), []string{"served"}) {
		t.Fatal(err, names(served))
	}
	for range 2 { // the second time they are gone already
		if out := apply.Remove(t.Context(), b.api, served); len(out) != 1 || out[0].Err != nil {
			t.Error(out)
		}
	}
	left, err := b.api.Deployments(t.Context(), prefect.DeploymentFilter{Flows: []string{b.flow.Name}})
	if err != nil || len(left) != 1 || left[0].Name != "elsewhere" {
		t.Error(err, left)
	}
}

// workers are those of a test.
type workers struct {
	name    string
	stopped *int
}

func (w workers) Of(context.Context, string) string { return w.name }

func (w workers) Stop(context.Context, string) error {
	*w.stopped++
	return nil
}

// TestCleanEndsOwnWorkers takes a pool with a worker of this machine, and leaves one with somebody else's, whose own worker goes on then.
func TestCleanEndsOwnWorkers(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		online []string
		op     plan.Op
		stays  string
	}{
		"our own alone":     {[]string{"local-x"}, plan.Delete, ""},
		"somebody else's":   {[]string{"theirs"}, plan.Leftover, "its worker theirs is online; stop that first"},
		"both":              {[]string{"local-x", "theirs"}, plan.Leftover, "its worker theirs is online; stop that first"},
		"none that is seen": {nil, plan.Delete, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			b.apply(t, single)
			for _, worker := range test.online {
				b.ask(t, http.MethodPost, "/work_pools/"+b.pool+"/workers/heartbeat", `{"name": "`+worker+`"}`)
			}
			stopped := 0
			r, err := apply.Apply(t.Context(), b.api, b.cleaning(t), apply.Options{Workers: workers{"local-x", &stopped}})
			if err != nil || len(r.Pools) != 1 || r.Pools[0].Op != test.op || r.Pools[0].Stays != test.stays {
				t.Errorf("%v %+v", err, r.Pools)
			}
			if (stopped > 0) != (test.op == plan.Delete) {
				t.Errorf("stopped %d times", stopped)
			}
		})
	}
}

// TestCleanAutomations deletes the automations that belong to a deployment, and those of ours that only run it; not what people made for it.
func TestCleanAutomations(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}, triggers: [{name: made, expect: [order.placed]}]}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`)
	tagged := b.tagsAutomations(t)
	ids := map[string]string{}
	for _, name := range []string{"one", "two"} {
		d, err := b.api.DeploymentByName(t.Context(), b.flow.Name, name)
		if err != nil {
			t.Fatal(err)
		}
		ids[name] = d.ID
	}
	want := map[string]bool{}
	for name, x := range map[string]struct {
		tags []string
		runs []string
		goes bool
	}{
		"edited":      {[]string{b.owner.Tag()}, []string{"one"}, true}, // nobody's, as the server has it
		"by hand":     {[]string{}, []string{"one"}, false},
		"of others":   {[]string{b.owner.Tag() + "x"}, []string{"one"}, false},
		"of the two":  {[]string{b.owner.Tag()}, []string{"one", "two"}, false},
		"of two only": {[]string{b.owner.Tag()}, []string{"two"}, false},
	} {
		var runs []string
		for _, run := range x.runs {
			runs = append(runs, ids[run])
		}
		want[b.automate(t, name, x.tags, runs...)] = !x.goes || !tagged
	}
	p, _, err := live.Cleaning(t.Context(), b.api, b.owner, live.Narrow{Only: []string{"one"}})
	if err != nil {
		t.Fatal(err)
	}
	b.execute(t, p)
	for id, stays := range want {
		if row := read(t, b.api.URL()+"/automations/"+id); (row != nil) != stays {
			t.Errorf("%v, and should stay: %v", row, stays)
		}
	}
	if made, err := b.api.Automations(t.Context()); err != nil || slices.ContainsFunc(made, func(a prefect.Automation) bool { return a.Name == "made" && slices.Contains(a.Tags, b.owner.Tag()) }) {
		t.Error("the deployment's own is still there", err)
	}
}

// TestDiscardedLock gives a lock back for good while somebody waits for it and the answer is lost. The next one's lock stays.
func TestDiscardedLock(t *testing.T) {
	t.Parallel()
	b := locks(t)
	version, err := b.api.Version(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if release, err := prefect.ParseRelease(version); err != nil || !release.AtLeast(prefect.Leases()) {
		return // there is no limit to delete
	}
	once := first()
	straight := b.api
	var next *lock.Lock
	b.through(t, &bent{loses: func(r *http.Request) bool {
		if !once(r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "/concurrency_limits/")) {
			return false
		}
		var err error
		if next, _, err = lock.Take(t.Context(), straight, b.owner, lock.Options{Holder: holder("ben", 2)}); err != nil {
			t.Error(err)
		}
		return true
	}})
	held, _, err := lock.Take(t.Context(), b.api, b.owner, lock.Options{Holder: holder("anna", 1)})
	if err != nil {
		t.Fatal(err)
	}
	if err := held.Discard(t.Context()); err != nil {
		t.Error(err)
	}
	if _, _, err := lock.Take(t.Context(), straight, b.owner, lock.Options{Holder: holder("carl", 3)}); err == nil {
		t.Error("two hold the lock")
	}
	if h, known, err := lock.Held(t.Context(), straight, b.owner); err != nil || !known || h.Who != "ben@test" {
		t.Error(h, known, err)
	}
	if err := next.Discard(t.Context()); err != nil {
		t.Error(err)
	}
}
