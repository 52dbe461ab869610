//go:build e2e

package apply_test

import (
	"context"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Triggers are made, changed and taken away with their deployment; what people switched off stays off, and their own automations stay.
func TestTriggers(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := context.WithoutCancel(t.Context())
	const text = `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    work_pool: {name: "%POOL%"}
    triggers:
      - {expect: [order.placed], parameters: {n: "{{ event.payload.n }}"}}
      - {name: late, posture: Proactive, expect: [order.placed], within: 60}
`
	b.apply(t, text)
	d, err := b.api.DeploymentByName(ctx, b.flow.Name, "one")
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) []prefect.Automation {
		found, err := b.api.Automations(ctx)
		if err != nil {
			t.Fatal(err)
		}
		var out []prefect.Automation
		for _, a := range found {
			if a.Name == name && a.Actions[0]["deployment_id"] == d.ID {
				out = append(out, a)
			}
		}
		return out
	}
	t.Cleanup(func() {
		for _, name := range []string{"theirs", "late", "one__automation_1"} {
			for _, a := range named(name) {
				if err := b.api.DeleteAutomation(ctx, a.ID); err != nil && !prefect.IsNotFound(err) {
					t.Error(err)
				}
			}
		}
	})
	if len(named("one__automation_1")) != 1 || len(named("late")) != 1 {
		t.Fatal("the automations are not there")
	}
	if _, err := b.api.CreateAutomation(ctx, "00000000-0000-4000-8000-000000000000", map[string]any{
		"name": "theirs", "trigger": map[string]any{"type": "event", "posture": "Reactive", "expect": []string{"x"}, "threshold": 1, "within": 0},
		"actions": []any{map[string]any{"type": "run-deployment", "source": "selected", "deployment_id": d.ID}},
	}); err != nil {
		t.Fatal(err)
	}
	if p := b.plan(t, text); !p.Empty() {
		t.Errorf("somebody's own automation counts as ours: %+v", p.Actions)
	}
	edited := strings.Replace(text, "within: 60", "within: 90", 1)
	p := b.plan(t, edited)
	if p.Count(plan.Update) != 1 || len(p.Actions[0].Changes) != 1 || p.Actions[0].Changes[0].Field != "triggers.late.when.within" {
		t.Errorf("got %+v", p.Actions)
	}
	b.apply(t, edited)
	b.apply(t, strings.Replace(text, "      - {name: late, posture: Proactive, expect: [order.placed], within: 60}\n", "", 1))
	if late := named("late"); len(late) > 0 && len(late[0].Tags) > 0 { // servers without tags can't tell
		t.Errorf("a trigger that is not wanted any more is still there: %+v", late)
	}
	b.clean(t)
	if left := named("one__automation_1"); len(left) > 0 {
		t.Errorf("left after clean: %+v", left)
	}
	if len(named("theirs")) != 1 {
		t.Error("somebody's own automation is gone")
	}
}

// A renamed schedule that says what it replaces keeps its identity and its pause.
func TestReplacedSchedule(t *testing.T) {
	t.Parallel()
	b := open(t)
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}, schedules: [{cron: "0 6 * * *", slug: morning}]}
`
	b.apply(t, text)
	before, err := b.api.DeploymentByName(t.Context(), b.flow.Name, "one")
	if err != nil {
		t.Fatal(err)
	}
	if err := b.api.UpdateSchedule(t.Context(), before.ID, before.Schedules[0].ID, map[string]any{"active": false}); err != nil {
		t.Fatal(err)
	}
	b.apply(t, strings.Replace(text, "slug: morning", "slug: early, replaces: morning", 1))
	after, err := b.api.Deployment(t.Context(), before.ID)
	if err != nil {
		t.Fatal(err)
	}
	if len(after.Schedules) != 1 || after.Schedules[0].ID != before.Schedules[0].ID || after.Schedules[0].Slug != "early" || after.Schedules[0].Active {
		t.Errorf("got %+v", after.Schedules)
	}
}
