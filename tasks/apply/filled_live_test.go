//go:build e2e

package apply_test

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/check"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// filled is a manifest whose schedules and choices come from variables and from a step.
const filled = `
build:
  - prefect.deployments.steps.run_shell_script: {id: say, script: echo FALSE, stream_output: false}
deployments:
  - name: all
    entrypoint: flows/f.py:f
    version: given
    concurrency_limit: {limit: "1_0.0", collision_strategy: "{{ $FILLED_COLLISION }}"}
    schedules:
      - {cron: "0 {{ $FILLED_HOUR }} * * *", timezone: "{{ $FILLED_ZONE }}", active: "{{ $FILLED_ACTIVE }}", day_or: "{{ say.stdout }}", slug: one}
      - {interval: 3600, anchor_date: "{{ $$FILLED_START }}", active: "{{ say.stdout }}", slug: two}
      - {rrule: '{"rrule": "{{ $FILLED_RULE }}", "timezone": "Europe/Berlin"}', slug: three}
      - {rrule: "{{ $FILLED_JSON }}", slug: four}
    triggers:
      - {enabled: "{{ $FILLED_ACTIVE }}", expect: [a.b], threshold: "{{ $FILLED_HOUR }}", within: "{{ $FILLED_SPAN }}"}
    pull: []
    work_pool: {name: "%POOL%"}
`

// What variables and steps fill in is stored as Prefect's own command stores it.
func TestFilledInAsPrefectDeploys(t *testing.T) {
	for name, value := range map[string]string{
		"COLLISION": "CANCEL_NEW", "HOUR": "6", "ZONE": "Europe/Berlin", "ACTIVE": "oFF", "START": "2024-01-01T00:00:00+00:00", "RULE": "FREQ=DAILY;BYHOUR=3",
		"JSON": `{"rrule": "FREQ=WEEKLY;BYDAY=MO"}`, "SPAN": "PT1M",
	} {
		t.Setenv("FILLED_"+name, value)
	}
	python := prerequisite.Python(t)
	b := open(t)
	b.flow = scanned(t, b.pool)
	b.besidePrefect(t, python, filled, 1)
}

// What steps give out is judged when they have run: with anything wrong nothing of the deployment is written, old or new.
func TestOutputsAreJudged(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.flow = flowOf(t, b.pool)
	const text = `
deployments:
  - name: one
    entrypoint: flows/f.py:f
    description: before
    build: [{prefect.deployments.steps.run_shell_script: {id: say, script: "true"}}]
    schedules: [{cron: 0 6 * * *, slug: a}]
    work_pool: {name: "%POOL%"}
`
	run := func(t *testing.T, text, printed string) plan.Result {
		t.Helper()
		p, options := b.planSteps(t, text)
		options.Steps = func(context.Context, string, []manifest.Step) (manifest.Outputs, error) {
			return manifest.Outputs{"say.stdout": printed}, nil
		}
		options.Judge = func(d plan.Desired) finding.List {
			return check.Parameters(*d.Flow, check.Given{Values: d.Parameters(), Places: d.Places, Position: d.Position})
		}
		r, err := apply.Apply(t.Context(), b.api, p, options)
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	for _, update := range []bool{false, true} {
		if update {
			if r := run(t, text, ""); len(r.Failed()) > 0 {
				t.Fatal(r)
			}
		}
		for _, c := range []struct{ old, with, printed, line, told string }{
			{"0 6 * * *", `"{{ say.stdout }}"`, "every day", "prefect.yaml:7", "cron rule"},
			{"0 6 * * *", `"0 {{ say.stdout }} * * *"`, "25", "prefect.yaml:7", "cron rule"},
			{"0 6 * * *", `"{{ say.stdout }}"`, "", "prefect.yaml:7", "cron rule"},
			{"slug: a", `slug: a, timezone: "{{ say.stdout }}"`, "Mars/Base", "prefect.yaml:7", "no time zone"},
			{"slug: a", `slug: a, active: "{{ say.stdout }}"`, "maybe", "prefect.yaml:7", "true or false"},
			{"cron: 0 6 * * *", `rrule: "{{ say.stdout }}"`, "FREQ=DAYLY", "prefect.yaml:7", "rrule"},
			{"cron: 0 6 * * *", `interval: 60, anchor_date: "{{ say.stdout }}"`, "yesterday", "prefect.yaml:7", "no date"},
			{"    description", "    parameters: {note: x, n: \"{{ say.stdout }}\"}\n    description", "7", "prefect.yaml:5", `"n" of f is an integer`},
		} {
			b.writes = nil
			r := run(t, strings.ReplaceAll(strings.Replace(text, c.old, c.with, 1), "before", "after"), c.printed)
			if len(r.Failed()) != 1 {
				t.Fatalf("%s: %+v", c.with, r)
			}
			f, ok := errors.AsType[*fault.Error](r.Failed()[0].Err)
			if !ok || f.Code != fault.Findings || !strings.HasPrefix(f.Where, c.line+":") || !strings.Contains(f.What, c.told) {
				t.Errorf("%s: %+v", c.with, r.Failed()[0].Err)
			}
			for _, w := range b.writes {
				if strings.Contains(w, "/deployments") || strings.Contains(w, "/flows") {
					t.Errorf("%s: %s", c.with, w)
				}
			}
		}
		if update {
			if d := b.stored(t)["one"]; d["description"] != "before" {
				t.Error(d["description"])
			}
		}
	}
}

// Whole numbers are stored with every digit, wherever a deployment has some, and one more is a change.
func TestWholeNumbersStored(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.flow = flowOf(t, b.pool)
	last := ""
	for _, number := range []string{
		"9007199254740992", "9007199254740993", "18446744073709551615", "18446744073709551616", "18446744073709551617", "-18446744073709551617",
		"123456789012345678901234567890",
	} {
		p := b.apply(t, strings.ReplaceAll(`
deployments:
  - name: one
    entrypoint: flows/f.py:f
    parameters: {n: NUMBER}
    schedules: [{cron: 0 6 * * *, slug: a, parameters: {n: NUMBER}}]
    work_pool: {name: "%POOL%"}
`, "NUMBER", number))
		if p.Empty() {
			t.Errorf("%s is no change after %s", number, last)
		}
		list, err := b.api.Deployments(t.Context(), prefect.DeploymentFilter{Tags: []string{b.owner.Tag()}})
		if err != nil || len(list) != 1 {
			t.Fatal(err, list)
		}
		want := map[string]any{"n": json.Number(number)}
		if diff := cmp.Diff([]map[string]any{want, want}, []map[string]any{list[0].Parameters, list[0].Schedules[0].Parameters}); diff != "" {
			t.Error(diff)
		}
		last = number
	}
}
