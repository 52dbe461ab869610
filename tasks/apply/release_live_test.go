//go:build e2e

package apply_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/receipt"
)

const withTrigger = `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    parameters: {n: 1}
    schedules: [{cron: "0 6 * * *", slug: early}]
    triggers:
      - {name: "%POOL%", type: event, expect: [something.happened], parameters: {n: 2}, match_related: {prefect.resource.role: flow}}
      - {name: "%POOL%-counts", type: event, posture: Proactive, within: 60, expect: [something.else]}
    work_pool: {name: "%POOL%"}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`

// actionOf gives what a plan does to the deployment.
func actionOf(t *testing.T, p plan.Plan, name string) plan.Action {
	t.Helper()
	i := slices.IndexFunc(p.Actions, func(a plan.Action) bool { return a.Name == name })
	if i < 0 {
		t.Fatalf("the plan has no %s: %s", name, p.Summary())
	}
	return p.Actions[i]
}

// untagged takes all tags off a deployment, as `prefect deploy` does.
func (b *bench) untagged(t *testing.T, name string) { b.set(t, name, "tags", []string{}) }

// A deployment whose tag others took away is known by the receipt: it may be updated, the plan shows the tag coming back, and nothing
// deletes it before.
func TestTagTakenAway(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	b.execute(t, b.plan(t, pair))
	b.untagged(t, "two")
	want := []canonical.Change{{Field: "tags", From: []any{}, To: []any{b.owner.Tag()}}}
	again := func(p plan.Plan) {
		t.Helper()
		a := actionOf(t, p, "two")
		if diff := cmp.Diff(want, a.Changes); a.Op != plan.Update || diff != "" {
			t.Errorf("%s %v %s", a.Op, a.Reasons, diff)
		}
		if len(a.Notes) != 1 || !strings.Contains(a.Notes[0], "taken our tag off") || len(p.Adoptable()) != 0 {
			t.Errorf("notes %q, to adopt %v", a.Notes, p.Adoptable())
		}
	}
	again(b.plan(t, pair))
	if got := b.told(t); got != "two it lost our tag" {
		t.Errorf("status says %q", got)
	}

	// It is not deleted: not by prune, not by clean, not by a rollback to before it was there; and its pool is in use.
	p, state := b.compare(t, only())
	p.Prune(state, plan.Prune{On: true, Pools: true})
	if p.Count(plan.Delete)+p.CountPools(plan.Delete) != 0 || p.Count(plan.Leftover) != 0 {
		t.Errorf("pruned: %s", p.Summary())
	}
	if owned := b.owned(t); !slices.Equal(owned, []string{"one"}) {
		t.Errorf("cleaned: %v", owned)
	}
	history, err := receipt.History(ctx, b.api, b.owner, 0)
	if err != nil {
		t.Fatal(err)
	}
	back, notes, err := live.Rollback(ctx, b.api, b.owner, history, 0)
	if err != nil || back.Count(plan.Delete) != 1 || len(notes) != 1 || !strings.Contains(notes[0], "two stays: it lost our tag") {
		t.Errorf("rolled back: %s %q %v", back.Summary(), notes, err)
	}

	// A deploy that is not about it keeps it in mind, also when the tag goes between look and write.
	b.execute(t, b.plan(t, strings.Replace(only(), "n: 1", "n: 2", 1)))
	again(b.plan(t, strings.Replace(pair, "n: 1", "n: 2", 1)))
	b.set(t, "two", "tags", []string{b.owner.Tag()})
	changed := strings.Replace(pair, "entrypoint: \"flows/f.py:f\", work", "entrypoint: \"flows/f.py:f\", description: new, work", 1)
	m, _ := manifest.Parse("prefect.yaml", []byte(strings.ReplaceAll(strings.Replace(changed, "n: 1", "n: 2", 1), "%POOL%", b.pool)))
	p, state = b.against(t, m)
	b.untagged(t, "two")
	if state, err = live.Refresh(ctx, b.api, state, p); err != nil {
		t.Fatal(err)
	}
	if p, err = plan.Diff(b.owner, b.wanted(t, m), state); err != nil {
		t.Fatal(err)
	}
	if a := actionOf(t, p, "two"); a.Op != plan.Update || len(a.Notes) != 1 {
		t.Errorf("under the lock: %+v", a)
	}
	b.execute(t, p)
	if got := b.named(t, "two"); !b.owner.Owns(got.Tags) {
		t.Errorf("it has %q", got.Tags)
	}
	if got := b.told(t); got != "" {
		t.Errorf("afterwards status says %q", got)
	}

	p, state = b.compare(t, only())
	p.Prune(state, plan.Prune{On: true})
	if a := actionOf(t, p, "two"); a.Op != plan.Delete {
		t.Fatalf("with the tag: %s", a.Op)
	}
	b.untagged(t, "two")
	if state, err = live.Refresh(ctx, b.api, state, p); err != nil {
		t.Fatal(err)
	}
	m, _ = manifest.Parse("prefect.yaml", []byte(strings.ReplaceAll(only(), "%POOL%", b.pool)))
	if p, err = plan.Diff(b.owner, b.wanted(t, m), state); err != nil {
		t.Fatal(err)
	}
	if p.Prune(state, plan.Prune{On: true}); p.Count(plan.Delete) != 0 {
		t.Errorf("under the lock: %s", p.Summary())
	}

	// Somebody else's is not ours again because it was once.
	for _, tag := range []string{"flowmage:other/dev", b.owner.ServeTag()} {
		b.set(t, "two", "tags", []string{tag})
		if a := actionOf(t, b.plan(t, pair), "two"); a.Op != plan.Blocked {
			t.Errorf("with the tag %s: %s", tag, a.Op)
		}
		known, err := receipt.Recall(ctx, b.api, b.owner)
		if err != nil {
			t.Fatal(err)
		}
		if list, err := live.Holdings(ctx, b.api, b.owner, known); err != nil || len(list) != 1 || list[0].Name != "one" {
			t.Errorf("with the tag %s there is to give back: %+v %v", tag, list, err)
		}
	}
	b.untagged(t, "two")
	d := b.named(t, "two")
	if err := b.api.DeleteDeployment(ctx, d.ID); err != nil {
		t.Fatal(err)
	}
	if _, err := prefecttest.CreateDeployment(ctx, b.api, map[string]any{"name": "two", "flow_id": d.FlowID}); err != nil {
		t.Fatal(err)
	}
	if a := actionOf(t, b.plan(t, pair), "two"); a.Op != plan.Blocked {
		t.Errorf("another one of the name: %s", a.Op)
	}
}

// A plan for what is there and ours asks for no receipt.
func TestReceiptsAreNotRead(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.execute(t, b.plan(t, pair))
	b.mu.Lock()
	b.reads = nil
	b.mu.Unlock()
	if p := b.plan(t, pair); !p.Empty() {
		t.Fatal(p.Summary())
	}
	for _, r := range b.reads {
		if strings.Contains(r, "/artifacts") {
			t.Errorf("read: %s", r)
		}
	}
}

// release gives deployments back with the receipts that a release leaves.
func (b *bench) release(t *testing.T, names ...string) {
	t.Helper()
	ctx := t.Context()
	known, err := receipt.Recall(ctx, b.api, b.owner)
	if err != nil {
		t.Fatal(err)
	}
	list, err := live.Holdings(ctx, b.api, b.owner, known)
	if err != nil {
		t.Fatal(err)
	}
	list = slices.DeleteFunc(list, func(x live.Holding) bool { return !slices.Contains(names, x.Name) })
	if len(list) != len(names) {
		t.Fatalf("to release: %+v", list)
	}
	b.recorded(t, known, apply.Releasing(list))
	if r := apply.Release(ctx, b.api, b.owner, list); len(r.Failed()) > 0 {
		t.Fatal(r)
	}
}

func (b *bench) recorded(t *testing.T, known receipt.Known, r plan.Result) {
	t.Helper()
	receipt, err := receipt.RecordTags(t.Context(), b.api, b.owner, r, known, holder("anna", 1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := receipt.Store(t.Context(), b.api); err != nil {
		t.Fatal(err)
	}
}

// What is given back lacks our tag and is as it was otherwise. It is foreign then, until it is adopted.
func TestRelease(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	b.execute(t, b.plan(t, withTrigger))
	b.set(t, "one", "tags", []string{"theirs", b.owner.Tag()})
	before := b.named(t, "one")
	automations := b.automationsOf(t, before.ID)
	if len(automations) != 2 {
		t.Fatal(automations)
	}
	for i, a := range automations {
		if a.Name == b.pool {
			if err := b.api.SwitchAutomation(ctx, a.ID, false); err != nil {
				t.Fatal(err)
			}
			automations[i].Enabled = false
			if len(a.Tags) > 0 { // old servers know none
				automations[i].Tags = []string{}
			}
		}
	}
	alike := cmp.FilterPath(func(p cmp.Path) bool { return strings.HasSuffix(p.GoString(), `["id"]`) }, cmp.Ignore()) // of a trigger; each edit gives it a new one
	untouched := func() string { return cmp.Diff(automations, b.automationsOf(t, before.ID), alike) }
	b.release(t, "one")
	after := b.named(t, "one")
	if diff := cmp.Diff([]string{"theirs"}, after.Tags); diff != "" {
		t.Error(diff)
	}
	after.Tags, after.Updated = before.Tags, before.Updated
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("more than the tag: %s", diff)
	}

	if diff := untouched(); diff != "" {
		t.Errorf("more than the tag of its automations, or that of one that counts: %s", diff)
	}

	foreign := func(when string) {
		t.Helper()
		p, live := b.compare(t, withTrigger)
		p.Prune(live, plan.Prune{On: true})
		a := actionOf(t, p, "one")
		if a.Op != plan.Blocked || len(p.Adoptable()) != 1 || a.Reasons[0].Code != "deployment-foreign" || p.Count(plan.Delete) != 0 {
			t.Errorf("%s: %s %v, %s", when, a.Op, a.Reasons, p.Summary())
		}
	}
	foreign("released")
	if got := b.told(t); got != "" {
		t.Errorf("status says %q", got)
	}
	r := b.newest(t)
	if r.Summary != "1 released" || len(r.Entries) != 2 || r.Entries[0].Op != plan.Released || r.Entries[1].Op != plan.Unchanged || r.Entries[1].Hash == "" {
		t.Errorf("the receipt: %+v", r)
	}
	second := strings.Split(withTrigger, "  - {name: two")[1]
	b.execute(t, b.plan(t, "\ndeployments:\n  - {name: two, description: new"+second))
	foreign("after the next receipt, which knows nothing of it")
	history, err := receipt.History(ctx, b.api, b.owner, 0)
	if err != nil {
		t.Fatal(err)
	}
	back, notes, err := live.Rollback(ctx, b.api, b.owner, history, 0)
	if err != nil || back.Count(plan.Delete) != 1 || len(notes) != 1 || notes[0] != "one stays: it is not ours any more" {
		t.Errorf("rolled back: %s %q %v", back.Summary(), notes, err)
	}

	known, err := receipt.Recall(ctx, b.api, b.owner)
	if err != nil {
		t.Fatal(err)
	}
	adopted := apply.Adopt(ctx, b.api, b.owner, b.plan(t, withTrigger).Adoptable())
	if len(adopted.Failed()) > 0 {
		t.Fatal(adopted)
	}
	b.recorded(t, known, adopted)
	if got := b.told(t); got != "" {
		t.Errorf("adopted: status says %q", got)
	}
	b.untagged(t, "one")
	if a := actionOf(t, b.plan(t, withTrigger), "one"); a.Op != plan.Update {
		t.Errorf("adopted, and its tag taken away: %s", a.Op)
	}
	b.execute(t, b.plan(t, withTrigger))
	for i, a := range b.automationsOf(t, before.ID) {
		if a.ID != automations[i].ID || a.Enabled != automations[i].Enabled {
			t.Errorf("its automation is another one: %+v", a)
		}
	}

	// What has lost the tag already is given back by the receipt alone.
	b.untagged(t, "two")
	b.release(t, "two")
	if a := actionOf(t, b.plan(t, withTrigger), "two"); a.Op != plan.Blocked {
		t.Errorf("two: %s", a.Op)
	}

	// What others claim too is given back to them.
	b.set(t, "two", "tags", []string{b.owner.Tag(), "flowmage:other/dev"})
	b.release(t, "two")
	if got := b.named(t, "two").Tags; !slices.Equal(got, []string{"flowmage:other/dev"}) {
		t.Errorf("two has %q", got)
	}
}

// A release that fails halfway says so: the rest is ours as before.
func TestReleaseCutOff(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.execute(t, b.plan(t, pair))
	known, err := receipt.Recall(t.Context(), b.api, b.owner)
	if err != nil {
		t.Fatal(err)
	}
	list, err := live.Holdings(t.Context(), b.api, b.owner, known)
	if err != nil {
		t.Fatal(err)
	}
	b.recorded(t, known, apply.Releasing(list))
	r := apply.Release(t.Context(), b.api, b.owner, append(list[:1:1], live.Holding{Name: "two", Flow: b.flow.Name, ID: "no-id"}))
	if failed := r.Failed(); len(failed) != 1 || failed[0].Name != "two" {
		t.Fatalf("got %+v", r)
	}
	r.Outcomes[1].ID = list[1].ID
	b.recorded(t, known, r)
	if got := b.newest(t); got.Summary != "1 released, 1 failed" || got.Entries[1].Op != plan.Released || got.Entries[1].Failure == "" {
		t.Errorf("got %+v", got)
	}
	b.untagged(t, "two")
	p := b.plan(t, pair)
	if one, two := actionOf(t, p, "one"), actionOf(t, p, "two"); one.Op != plan.Blocked || two.Op != plan.Update {
		t.Errorf("one %s, two %s", one.Op, two.Op)
	}
}
