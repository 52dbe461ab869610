//go:build e2e

package apply_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/receipt"
)

const pair = `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    parameters: {n: 1, api_key: hunter22}
    schedules: [{cron: "0 6 * * *"}, {interval: 60, slug: often}]
    work_pool: {name: "%POOL%", job_variables: {env: {LEVEL: debug}}}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`

// Three deploys, and the way back to each of them.
func TestRollback(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	states := []map[string]string{{}}
	note := func() { states = append(states, b.hashes(t)) }
	b.apply(t, pair)
	note()
	second := strings.NewReplacer("n: 1", "n: 2", "0 6", "0 7", ", {interval: 60, slug: often}", "").Replace(pair)
	b.apply(t, second)
	note()
	p, state := b.compare(t, strings.Split(second, "  - {name: two")[0])
	p.Prune(state, plan.Prune{On: true})
	b.execute(t, p)
	note()

	history, err := receipt.History(ctx, b.api, b.owner, 0)
	if err != nil || len(history) != 3 {
		t.Fatal(err, history)
	}
	if h := history[0]; h.Number != 1 || h.Who != "anna@test" || h.Summary != "2 to create, 0 to update, 0 unchanged, 0 blocked, work pools: 1 to create" {
		t.Errorf("got %+v", h)
	}
	for _, to := range []int{2, 1, 0} {
		p, notes, err := live.Rollback(ctx, b.api, b.owner, history, to)
		if err != nil {
			t.Fatal(err)
		}
		r, err := apply.Apply(ctx, b.api, p, apply.Options{})
		if err != nil || len(r.Failed()) > 0 {
			t.Fatal(err, r)
		}
		if diff := cmp.Diff(states[to], b.hashes(t)); diff != "" {
			t.Errorf("back to %d: %s", to, diff)
		}
		if to == 1 && (len(notes) != 1 || !strings.Contains(notes[0], "parameters.api_key")) {
			t.Errorf("nobody told of the secret: %q", notes)
		}
	}
	if _, _, err := live.Rollback(ctx, b.api, b.owner, history, 3); err == nil {
		t.Error("a rollback to the present")
	}
	data, err := b.api.Artifacts(ctx, receipt.Key(b.owner)+"-"+history[1].ID, 0)
	if err != nil || len(data) != 1 {
		t.Fatal(err, data)
	}
	if strings.Contains(string(data[0].Data), "hunter22") {
		t.Error("a secret is in the receipt")
	}
}

// execute applies a plan and leaves a receipt.
func (b *bench) execute(t *testing.T, p plan.Plan) {
	t.Helper()
	r, err := apply.Apply(t.Context(), b.api, p, apply.Options{})
	if err != nil || len(r.Failed()) > 0 {
		t.Fatal(err, r)
	}
	c, err := apply.Confirm(t.Context(), b.api, p, r)
	if err != nil || len(c.Differences) > 0 {
		t.Fatal(err, c.Differences)
	}
	if err := note(t.Context(), b.api, p, r, c); err != nil {
		t.Fatal(err)
	}
}

// hashes gives what is stored of ours: parameters and schedules by deployment.
func (b *bench) hashes(t *testing.T) map[string]string {
	t.Helper()
	list, err := b.api.Deployments(t.Context(), prefect.DeploymentFilter{Tags: []string{b.owner.Tag()}})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, d := range list {
		parts := []any{d.Parameters, d.JobVariables, d.Tags, d.WorkPoolName, d.Entrypoint, d.Version}
		rules := map[string]any{}
		for _, s := range d.Schedules {
			rules[s.Slug] = []any{s.Rule.Cron, s.Rule.Interval, s.Active}
		}
		data, err := json.Marshal(append(parts, rules))
		if err != nil {
			t.Fatal(err)
		}
		out[d.Name] = string(data)
	}
	return out
}

// drift gives what is otherwise than the receipts say.
func (b *bench) drift(t *testing.T) []receipt.Drift {
	t.Helper()
	known, err := receipt.Recall(t.Context(), b.api, b.owner)
	if err != nil {
		t.Fatal(err)
	}
	list, err := receipt.Drifted(t.Context(), b.api, b.owner, known)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// Whatever other hands do after a deploy is noticed, and nothing else is.
func TestDrift(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	b.apply(t, pair)
	id := func(name string) prefect.Deployment {
		d, err := b.api.DeploymentByName(ctx, b.flow.Name, name)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	drift := func() string {
		var words []string
		for _, d := range b.drift(t) {
			words = append(words, d.Name+" "+d.What)
		}
		return strings.Join(words, "; ")
	}
	if got := drift(); got != "" {
		t.Fatal(got)
	}
	ok := func(err error) {
		if err != nil {
			t.Fatal(err)
		}
	}
	one := id("one")
	steps := []struct {
		name     string
		do, undo func()
		want     string
	}{
		{"a field", func() { ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"description": "x"})) },
			func() { ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"description": *one.Description})) }, "one it was changed"},
		{"a pause", func() { ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"paused": true})) },
			func() { ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"paused": false})) }, "one it was changed"},
		{"a schedule's pause", func() { ok(b.api.UpdateSchedule(ctx, one.ID, one.Schedules[0].ID, map[string]any{"active": false})) },
			func() { ok(b.api.UpdateSchedule(ctx, one.ID, one.Schedules[0].ID, map[string]any{"active": true})) }, "one it was changed"},
		{"the tag", func() { ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"tags": []string{"x"}})) },
			func() { ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"tags": one.Tags})) }, "one it lost our tag"},
		{"another project's tag", func() {
			ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"tags": append(slices.Clone(one.Tags), "flowmage:warehouse/prod")}))
		}, func() { ok(b.api.UpdateDeployment(ctx, one.ID, map[string]any{"tags": one.Tags})) }, "one it carries another tag beside ours, flowmage:warehouse/prod"},
		{"another one", func() {
			_, err := prefecttest.CreateDeployment(ctx, b.api, map[string]any{"name": "three", "flow_id": one.FlowID, "tags": []string{b.owner.Tag()}})
			ok(err)
		}, func() { ok(b.api.DeleteDeployment(ctx, id("three").ID)) }, "three it carries our tag, and no deploy of ours made it"},
		{"deleted and made anew", func() {
			ok(b.api.DeleteDeployment(ctx, id("two").ID))
			_, err := prefecttest.CreateDeployment(ctx, b.api, map[string]any{"name": "two", "flow_id": one.FlowID, "tags": []string{b.owner.Tag()}})
			ok(err)
		}, func() {}, "two it was deleted and made anew"},
		{"deleted", func() { ok(b.api.DeleteDeployment(ctx, id("two").ID)) }, func() {}, "two it was deleted"},
	}
	for _, step := range steps {
		step.do()
		if got := drift(); got != step.want {
			t.Errorf("%s: got %q, want %q", step.name, got, step.want)
		}
		step.undo()
	}
	b.apply(t, pair)
	if got := drift(); got != "" {
		t.Errorf("after the next deploy: %s", got)
	}
}

// A rollback leads rules back, not the pauses that people have set or ended since.
func TestRollbackKeepsPauses(t *testing.T) {
	t.Parallel()
	b := open(t)
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", schedules: [{cron: "0 6 * * *"}], work_pool: {name: "%POOL%"}}
  - {name: two, entrypoint: "flows/f.py:f", schedules: [{cron: "0 6 * * *"}], work_pool: {name: "%POOL%"}}
`
	set := func(name string, active bool) {
		t.Helper()
		d := b.named(t, name)
		if err := b.api.UpdateSchedule(t.Context(), d.ID, d.Schedules[0].ID, map[string]any{"active": active}); err != nil {
			t.Fatal(err)
		}
	}
	b.execute(t, b.plan(t, text))
	was := map[string]string{"one": b.named(t, "one").Schedules[0].ID, "two": b.named(t, "two").Schedules[0].ID}
	set("two", false)
	b.execute(t, b.plan(t, strings.ReplaceAll(text, "0 6", "0 7")))
	set("one", false)
	set("two", true)
	history, err := receipt.History(t.Context(), b.api, b.owner, 0)
	if err != nil {
		t.Fatal(err)
	}
	p, _, err := live.Rollback(t.Context(), b.api, b.owner, history, 1)
	if err != nil {
		t.Fatal(err)
	}
	b.execute(t, p)
	for name, active := range map[string]bool{"one": false, "two": true} {
		list := b.named(t, name).Schedules
		if len(list) != 1 || list[0].ID != was[name] || list[0].Rule.Cron != "0 6 * * *" || list[0].Active != active {
			t.Errorf("%s: got %+v", name, list)
		}
	}
}
