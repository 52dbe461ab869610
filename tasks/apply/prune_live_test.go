//go:build e2e

package apply_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// another gives a flow beside the bench's own, in a file of its own; it is deleted at the end.
func (b *bench) another(t *testing.T, suffix, file string) flow.Flow {
	t.Helper()
	f := flowOf(t, b.flow.Name+suffix)
	f.File, f.Entrypoint = file, file+":f"
	api := b.api
	t.Cleanup(func() {
		ctx := deadline(t)
		if flows, err := api.FlowsByName(ctx, []string{f.Name}); err == nil && len(flows) == 1 {
			if err := prefecttest.DeleteFlow(ctx, api, flows[0].ID); err != nil {
				t.Error(err)
			}
		}
	})
	return f
}

// pruning gives the plan for these flows with what becomes of leftovers, and the state that it was made from.
func (b *bench) pruning(t *testing.T, flows []flow.Flow, text string) (plan.Plan, plan.Live) {
	t.Helper()
	m, findings := manifest.Parse("prefect.yaml", []byte(strings.ReplaceAll(text, "%POOL%", b.pool)))
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	desired := b.resolved(t, flows, m)
	live, err := live.Read(t.Context(), b.api, b.owner, desired, []pool.Pool{b.want})
	if err != nil {
		t.Fatal(err)
	}
	return b.pruned(t, desired, live), live
}

func (b *bench) resolved(t *testing.T, flows []flow.Flow, m manifest.Manifest) []plan.Desired {
	t.Helper()
	desired, findings := plan.FlowsOf(flows).Resolve(nil, m, b.owner)
	if findings.HasErrors() {
		t.Fatal(findings)
	}
	return desired
}

func (b *bench) pruned(t *testing.T, desired []plan.Desired, state plan.Live) plan.Plan {
	t.Helper()
	p, err := plan.Diff(b.owner, desired, state)
	if err != nil {
		t.Fatal(err)
	}
	p.Prune(state, plan.Prune{On: true, Pools: true})
	if err := live.Precheck(t.Context(), b.api, &p, state); err != nil {
		t.Fatal(err)
	}
	return p
}

// underLock makes a plan again from what it would change, as a deploy does once it has the lock.
func (b *bench) underLock(t *testing.T, flows []flow.Flow, text string, p plan.Plan, state plan.Live) plan.Plan {
	t.Helper()
	m, _ := manifest.Parse("prefect.yaml", []byte(strings.ReplaceAll(text, "%POOL%", b.pool)))
	again, err := live.Refresh(t.Context(), b.api, state, p)
	if err != nil {
		t.Fatal(err)
	}
	return b.pruned(t, b.resolved(t, flows, m), again)
}

// did gives "op flow/name" of all that is not unchanged; what stays has its reason behind it.
func did(p plan.Plan) []string {
	out := []string{}
	for _, a := range p.Actions {
		if a.Op != plan.Unchanged {
			out = append(out, strings.TrimSpace(string(a.Op)+" "+a.Flow+"/"+a.Name+" "+a.Stays))
		}
	}
	return out
}

const (
	firstFile  = "flows/f.py"
	secondFile = "flows/other/g.py"
	inFirst    = `{name: prod, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}`
	inSecond   = `{name: prod, entrypoint: "flows/other/g.py:f", version: "1", work_pool: {name: "%POOL%"}}`
)

// TestDeletesOnce has what is deleted share its name, or its file, with what is written. Under the lock it is found by both, and is deleted once.
func TestDeletesOnce(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		before, after string
		renamed       bool // the flow in the first file
		want          []string
	}{
		"a renamed flow": {inFirst, inFirst, true, []string{"create %-new/prod", "delete %/prod"}},
		"one of two is removed, the other changes": {
			inFirst + "," + inSecond, strings.Replace(inSecond, `"1"`, `"2"`, 1), false, []string{"delete %/prod", "update %-second/prod"},
		},
		"one is removed, another comes": {inFirst, inSecond, false, []string{"create %-second/prod", "delete %/prod"}},
		"two are removed, a third comes by their name": {
			inFirst + "," + inSecond, inFirst, true, []string{"create %-new/prod", "delete %-second/prod", "delete %/prod"},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			second := b.another(t, "-second", secondFile)
			flows := []flow.Flow{b.flow, second}
			p, _ := b.pruning(t, flows, "deployments: ["+test.before+"]")
			b.execute(t, p)
			if test.renamed {
				flows[0] = b.another(t, "-new", firstFile)
			}
			text := "deployments: [" + test.after + "]"
			p, live := b.pruning(t, flows, text)
			var want []string
			for _, w := range test.want {
				want = append(want, strings.Replace(w, "%", b.flow.Name, 1))
			}
			if diff := cmp.Diff(want, did(p), cmp.Transformer("sorted", sorted)); diff != "" {
				t.Fatal(diff)
			}
			again := b.underLock(t, flows, text, p, live)
			if diff := cmp.Diff(did(p), did(again)); diff != "" {
				t.Error("under the lock:", diff)
			}
			before, err := p.Fingerprint()
			if now, errNow := again.Fingerprint(); err != nil || errNow != nil || now != before {
				t.Error("the plan under the lock is another one", err, errNow)
			}
			b.execute(t, again)
			if p, _ := b.pruning(t, flows, text); !p.Empty() {
				t.Error(did(p))
			}
		})
	}
}

func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// TestAnswersWithRowsTwice has the server give each row two times. Nothing is done twice, and no automation is taken for doubled.
func TestAnswersWithRowsTwice(t *testing.T) {
	t.Parallel()
	b := open(t)
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}, triggers: [{name: late, expect: [order.placed]}]}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`
	b.apply(t, text)
	if err := b.api.CreateWorkQueue(t.Context(), b.pool, map[string]any{"name": "left", "description": b.owner.PoolMarker()}); err != nil {
		t.Fatal(err)
	}
	b.want.Queues = map[string]pool.Queue{"default": {}}
	flows := []flow.Flow{b.flow}
	both := rows("/filter", twice)
	b.through(t, &bent{tells: both})
	if p := b.plan(t, text); !p.Empty() {
		t.Errorf("%+v", p.Actions)
	}
	one := strings.Join(strings.Split(text, "\n")[:3], "\n")
	p, live := b.pruning(t, flows, one)
	again := b.underLock(t, flows, one, p, live)
	want := []string{"delete " + b.flow.Name + "/two"}
	if diff := cmp.Diff([][]string{want, want}, [][]string{did(p), did(again)}); diff != "" {
		t.Error(diff)
	}
	if queues := lines(b.own(t, p).Changes); len(queues) != 1 {
		t.Error(queues)
	}
	clean := b.cleaning(t)
	if diff := cmp.Diff([]string{"one", "two"}, names(clean.Deletions())); diff != "" || len(clean.Pools) != 1 {
		t.Error(diff, len(clean.Pools))
	}
	history, err := receipt.History(t.Context(), b.api, b.owner, 0)
	if err != nil || len(history) != 1 {
		t.Error(err, len(history))
	}
	b.execute(t, again)
	if left := b.owned(t); !slices.Equal(left, []string{"one"}) {
		t.Error(left)
	}
}

// TestFlowUnknown has the server not tell a flow. Its deployment may well be one that is asked for, so it is not pruned.
func TestFlowUnknown(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, single)
	b.through(t, &bent{tells: rows("/flows/filter", func([]map[string]any) []map[string]any { return []map[string]any{} })})
	p, _ := b.pruning(t, []flow.Flow{b.flow}, single)
	if p.Count(plan.Delete) > 0 || p.Count(plan.Leftover) != 1 {
		t.Error(did(p))
	}
}

// TestPredecessorsStay has a replacement fail, or be blocked. What it may replace is deleted by the next deploy that succeeds, and not before.
func TestPredecessorsStay(t *testing.T) {
	t.Parallel()
	const unrelated = `{name: alone, entrypoint: "flows/other/g.py:f", work_pool: {name: "%POOL%"}}`
	for name, test := range map[string]struct {
		after, want string
		blocked     bool
	}{
		"a failed creation": {inFirst, "could not be written and may be its replacement", false},
		"a blocked one":     {strings.Replace(inFirst, "%POOL%", "no-such-pool", 1), "is blocked and may be its replacement", true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			second := b.another(t, "-second", secondFile)
			p, _ := b.pruning(t, []flow.Flow{b.flow, second}, "deployments: ["+inFirst+","+unrelated+"]")
			b.execute(t, p)
			flows := []flow.Flow{b.another(t, "-new", firstFile), second}
			p, _ = b.pruning(t, flows, "deployments: ["+test.after+"]")
			straight := b.through(t, &bent{refuses: func(r *http.Request) int {
				if creates(r) {
					return http.StatusUnprocessableEntity
				}
				return 0
			}})
			r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
			if err != nil || (len(r.Failed()) == 0) != test.blocked {
				t.Fatal(err, r)
			}
			stays := map[string]string{}
			for _, o := range r.Outcomes {
				if o.Op == plan.Leftover || o.Op == plan.Delete {
					stays[o.Name] = o.Stays
				}
			}
			for i, a := range p.Actions { // known beforehand
				if a.Stays != "" {
					stays[r.Outcomes[i].Name] = a.Stays
				}
			}
			if !strings.Contains(stays["prod"], test.want) || stays["alone"] != "" {
				t.Error(stays)
			}
			if after := p.Applied(r); after.Count(plan.Leftover) != 1 || after.Count(plan.Delete) != 0 {
				t.Error("what is left to say:", did(after))
			}
			if diff := cmp.Diff([]string{"prod"}, b.owned(t)); diff != "" {
				t.Error(diff)
			}
			b.api = straight
			p, _ = b.pruning(t, flows, "deployments: ["+inFirst+"]")
			b.execute(t, p)
			if list := b.cleaning(t).Deletions(); len(list) != 1 || list[0].Flow != b.flow.Name+"-new" {
				t.Error(did(b.cleaning(t)))
			}
		})
	}
}

// TestPredecessorPoolStays has an update to another pool fail: both pools stay.
func TestPredecessorPoolStays(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, single)
	unused, old := b.pool+"-unused", b.pool
	for _, name := range []string{unused} {
		if _, err := b.api.CreateWorkPool(t.Context(), prefect.WorkPool{Name: name, Type: "process", Description: b.owner.PoolMarker()}); err != nil {
			t.Fatal(err)
		}
	}
	moved := b.pool + "-moved"
	straight := b.api
	t.Cleanup(func() {
		for _, name := range []string{unused, old, moved} {
			_ = straight.DeleteWorkPool(deadline(t), name)
		}
	})
	b.pool, b.want.Name = moved, moved
	p, _ := b.pruning(t, []flow.Flow{b.flow}, single)
	b.through(t, &bent{refuses: func(r *http.Request) int {
		if r.Method == http.MethodPatch && strings.Contains(r.URL.Path, "/deployments/") {
			return http.StatusUnprocessableEntity
		}
		return 0
	}})
	r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(r.Failed()) != 1 {
		t.Fatal(err, r)
	}
	for _, name := range []string{unused, old} {
		if _, there, err := straight.WorkPool(t.Context(), name); err != nil || !there {
			t.Error(name, "is gone", err)
		}
	}
	b.api = straight
	p, _ = b.pruning(t, []flow.Flow{b.flow}, single)
	b.execute(t, p)
	for _, name := range []string{unused, old} {
		if _, there, err := straight.WorkPool(t.Context(), name); err != nil || there {
			t.Error(name, "is still there", err)
		}
	}
}

// TestBlockedPoolKeepsOthers has a wanted pool blocked: the one that nobody wants any more may be what it replaces.
func TestBlockedPoolKeepsOthers(t *testing.T) {
	t.Parallel()
	b := open(t)
	unused := b.pool + "-unused"
	for name, p := range map[string]prefect.WorkPool{
		"the wanted one is of another type": {Name: b.pool, Type: "docker"}, "unused": {Name: unused, Type: "process", Description: b.owner.PoolMarker()},
	} {
		if _, err := b.api.CreateWorkPool(t.Context(), p); err != nil {
			t.Fatal(name, err)
		}
	}
	t.Cleanup(func() { _ = b.api.DeleteWorkPool(deadline(t), unused) })
	p, _ := b.pruning(t, []flow.Flow{b.flow}, single)
	if p.CountPools(plan.Blocked) != 1 || p.CountPools(plan.Delete) != 0 || p.CountPools(plan.Leftover) != 1 {
		t.Error(p.Summary())
	}
}

// TestForeignInAnswers has the server put what is not ours into its answers, as if it were. None of it is changed or deleted, by prune and by clean.
func TestForeignInAnswers(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}, triggers: [{name: late, expect: [order.placed]}]}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`
	b.apply(t, text)
	one, err := b.api.DeploymentByName(ctx, b.flow.Name, "one")
	if err != nil {
		t.Fatal(err)
	}
	theirs := []string{b.owner.Tag() + "x", "flowmage:other/dev"}
	straight := b.api
	foreign := map[string][]string{}
	note := func(kind, id string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		foreign[kind] = append(foreign[kind], id)
	}
	d, err := prefecttest.CreateDeployment(ctx, straight, map[string]any{"name": "theirs", "flow_id": one.FlowID, "tags": theirs})
	note("deployments", d.ID, err)
	d, err = prefecttest.CreateDeployment(ctx, straight, map[string]any{"name": "served", "flow_id": one.FlowID, "tags": theirs})
	note("deployments", d.ID, err)
	p, err := straight.CreateWorkPool(ctx, prefect.WorkPool{Name: b.pool + "-theirs", Type: "process", Description: b.owner.PoolMarker() + "x"})
	note("work_pools", p.ID, err)
	note("automations", b.automate(t, "theirs", theirs, one.ID), nil)
	x, err := straight.CreateArtifact(ctx, prefect.Artifact{Key: b.pool + "-theirs", Type: "markdown", Data: []byte(`"text"`)})
	note("artifacts", x.ID, err)
	// Another project's receipts may have the same key.
	y, err := straight.CreateArtifact(ctx, prefect.Artifact{
		Key: receipt.Key(b.owner), Type: "markdown", Data: []byte(`"text"`), Metadata: map[string]string{"owner": b.owner.Tag() + "x"},
	})
	note("artifacts", y.ID, err)
	t.Cleanup(func() {
		_ = straight.DeleteWorkPool(deadline(t), b.pool+"-theirs")
		_ = straight.DeleteArtifact(deadline(t), x.ID)
		_ = straight.DeleteArtifact(deadline(t), y.ID)
	})
	before := b.rows(t, straight, foreign)
	b.through(t, &bent{tells: func(r *http.Request, status int, body []byte) []byte {
		for kind, list := range before {
			body = rows("/"+kind+"/filter", func(l []map[string]any) []map[string]any {
				return slices.Concat(list, l)
			})(r, status, body)
		}
		return body
	}})
	flows := []flow.Flow{b.flow}
	edited := strings.Replace(strings.Join(strings.Split(text, "\n")[:3], "\n"), "order.placed", "order.paid", 1) // the automation is written, and two goes
	plan, state := b.pruning(t, flows, edited)
	b.execute(t, b.underLock(t, flows, edited, plan, state))
	clean, served, err := live.Cleaning(ctx, b.api, b.owner, live.Narrow{})
	if err != nil || len(served) > 0 || len(clean.Pools) != 1 {
		t.Error(err, names(served), len(clean.Pools))
	}
	if r, err := apply.Apply(ctx, b.api, clean, apply.Options{}); err != nil || len(r.Failed()) > 0 {
		t.Error(err, r)
	}
	if err := receipt.Forget(ctx, b.api, b.owner); err != nil {
		t.Error(err)
	}
	if diff := cmp.Diff(before, b.rows(t, straight, foreign)); diff != "" {
		t.Error(diff)
	}
	if left, err := straight.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{b.owner.Tag()}}); err != nil || len(left) > 0 {
		t.Error("ours are left", err, left)
	}
}

// rows reads things as the server has them, by kind.
func (b *bench) rows(t *testing.T, api *prefect.Client, ids map[string][]string) map[string][]map[string]any {
	t.Helper()
	out := map[string][]map[string]any{}
	for _, kind := range slices.Sorted(maps.Keys(ids)) {
		for _, id := range ids[kind] {
			path := "/" + kind + "/" + id
			if kind == "work_pools" {
				path = "/" + kind + "/" + b.pool + "-theirs"
			}
			row := read(t, api.URL()+path)
			delete(row, "status") // by the minute
			out[kind] = append(out[kind], row)
		}
	}
	return out
}
