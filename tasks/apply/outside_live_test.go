//go:build e2e

package apply_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// hand is something that somebody does to a deployment outside of a deploy.
type hand struct {
	name string
	do   func(ctx context.Context, b *bench, d prefect.Deployment, r *rand.Rand) error
	// quiet changes belong to people: a plan mentions them in a note and leaves them.
	quiet bool
}

func edit(field string, value func(*rand.Rand) any) func(context.Context, *bench, prefect.Deployment, *rand.Rand) error {
	return func(ctx context.Context, b *bench, d prefect.Deployment, r *rand.Rand) error {
		return b.api.UpdateDeployment(ctx, d.ID, map[string]any{field: value(r)})
	}
}

func hands() []hand {
	again := func(ctx context.Context, b *bench, d prefect.Deployment, tags []string) error {
		if err := b.api.DeleteDeployment(ctx, d.ID); err != nil {
			return err
		}
		_, err := prefecttest.CreateDeployment(ctx, b.api, map[string]any{"name": d.Name, "flow_id": d.FlowID, "tags": tags})
		return err
	}
	return []hand{
		{"description", edit("description", func(r *rand.Rand) any { return fmt.Sprint("edited ", r.IntN(1000)) }), false},
		{"version", edit("version", func(r *rand.Rand) any { return strconv.Itoa(r.IntN(1000)) }), false},
		{"parameters", edit("parameters", func(r *rand.Rand) any { return map[string]any{"n": 100 + r.IntN(1000)} }), false},
		{"job variables", edit("job_variables", func(r *rand.Rand) any { return map[string]any{"env": map[string]any{"X": strconv.Itoa(r.IntN(9))}} }), false},
		{"entrypoint", edit("entrypoint", func(*rand.Rand) any { return "flows/other.py:f" }), false},
		{"pull steps", edit("pull_steps", func(*rand.Rand) any {
			return []any{map[string]any{"prefect.deployments.steps.set_working_directory": map[string]any{"directory": "/elsewhere"}}}
		}), false},
		{"a tag more", func(ctx context.Context, b *bench, d prefect.Deployment, r *rand.Rand) error {
			return b.api.UpdateDeployment(ctx, d.ID, map[string]any{"tags": append(d.Tags, fmt.Sprint("more", r.IntN(9)))})
		}, false},
		{"our tag gone", edit("tags", func(*rand.Rand) any { return []string{"theirs"} }), false},
		{"concurrency limit", edit("concurrency_limit", func(r *rand.Rand) any { return 3 + r.IntN(9) }), false},
		{"schema", edit("parameter_openapi_schema", func(*rand.Rand) any { return map[string]any{"type": "object", "properties": map[string]any{}} }), false},
		{"paused", edit("paused", func(*rand.Rand) any { return true }), true},
		{"schedule paused", func(ctx context.Context, b *bench, d prefect.Deployment, _ *rand.Rand) error {
			return b.api.UpdateSchedule(ctx, d.ID, d.Schedules[0].ID, map[string]any{"active": false})
		}, true},
		{"schedule edited", func(ctx context.Context, b *bench, d prefect.Deployment, r *rand.Rand) error {
			return b.api.UpdateSchedule(ctx, d.ID, d.Schedules[0].ID, map[string]any{"schedule": map[string]any{"cron": fmt.Sprintf("%d 1 * * *", r.IntN(60))}})
		}, false},
		{"schedule removed", func(ctx context.Context, b *bench, d prefect.Deployment, _ *rand.Rand) error {
			return b.api.DeleteSchedule(ctx, d.ID, d.Schedules[0].ID)
		}, false},
		{"schedule added", func(ctx context.Context, b *bench, d prefect.Deployment, _ *rand.Rand) error {
			_, err := b.api.CreateSchedules(ctx, d.ID, []map[string]any{{"schedule": map[string]any{"cron": "5 5 * * *"}, "slug": "theirs", "active": true}})
			return err
		}, false},
		{"deleted", func(ctx context.Context, b *bench, d prefect.Deployment, _ *rand.Rand) error {
			return b.api.DeleteDeployment(ctx, d.ID)
		}, false},
		{"made anew with our tag", func(ctx context.Context, b *bench, d prefect.Deployment, _ *rand.Rand) error {
			return again(ctx, b, d, d.Tags)
		}, false},
		{"made anew without it", func(ctx context.Context, b *bench, d prefect.Deployment, _ *rand.Rand) error {
			return again(ctx, b, d, []string{})
		}, false},
	}
}

// TestOutsideChanges lets other hands change one deployment after the other in every way. The next plan says so each time, and so does
// the comparison with the receipt; neither names any other deployment.
func TestOutsideChanges(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	var text strings.Builder
	text.WriteString("deployments:\n")
	const n = 6
	for i := range n {
		fmt.Fprintf(&text, "  - {name: d%d, entrypoint: \"flows/f.py:f\", parameters: {n: %d}, schedules: [{cron: \"0 6 * * *\", slug: morning}], "+
			"concurrency_limit: 2, pull: [{prefect.deployments.steps.set_working_directory: {directory: /srv}}], work_pool: {name: \"%%POOL%%\", job_variables: {env: {A: b}}}}\n", i, i)
	}
	b.apply(t, text.String())
	r := rand.New(rand.NewPCG(4, 200))
	kinds := hands()
	for i := range prerequisite.Size(len(kinds)+2, 200) {
		h := kinds[i%len(kinds)]
		name := fmt.Sprintf("d%d", r.IntN(n))
		before, err := b.api.DeploymentByName(ctx, b.flow.Name, name)
		if err != nil {
			t.Fatal(err)
		}
		if err := h.do(ctx, b, before, r); err != nil {
			t.Fatalf("%d, %s: %v", i, h.name, err)
		}
		p := b.plan(t, text.String())
		b.noticed(t, fmt.Sprintf("%d, %s", i, h.name), p, name, h.quiet)
		if t.Failed() {
			t.FailNow()
		}
		b.mend(t, text.String(), name, before)
	}
}

// noticed checks that plan and receipt speak of that deployment and of no other.
func (b *bench) noticed(t *testing.T, what string, p plan.Plan, name string, quiet bool) {
	t.Helper()
	for _, a := range p.Actions {
		told := a.Op != plan.Unchanged || len(a.Notes) > 0
		if told != (a.Name == name) || quiet && a.Op != plan.Unchanged {
			t.Errorf("%s: the plan says of %s: %s %v %v", what, a.Name, a.Op, a.Changes, a.Notes)
		}
	}
	if drift := b.drift(t); len(drift) != 1 || drift[0].Name != name {
		t.Errorf("%s of %s: drift %+v", what, name, drift)
	}
}

// mend undoes what a deploy leaves to people, and deploys.
func (b *bench) mend(t *testing.T, text, name string, before prefect.Deployment) {
	t.Helper()
	now, err := b.api.DeploymentByName(t.Context(), b.flow.Name, name)
	switch {
	case prefect.IsNotFound(err):
	case err != nil:
		t.Fatal(err)
	case !b.owner.Owns(now.Tags): // gone from our sight
		if err := b.api.DeleteDeployment(t.Context(), now.ID); err != nil {
			t.Fatal(err)
		}
	default:
		if now.Paused != before.Paused {
			if err := b.api.UpdateDeployment(t.Context(), now.ID, map[string]any{"paused": before.Paused}); err != nil {
				t.Fatal(err)
			}
		}
		for _, s := range now.Schedules {
			if !s.Active {
				if err := b.api.UpdateSchedule(t.Context(), now.ID, s.ID, map[string]any{"active": true}); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	b.apply(t, text)
}

// TestForeignThousands deploys, prunes and cleans on a server full of what other people made, some of it by our names and with tags
// that look like ours. None of it is touched.
func TestForeignThousands(t *testing.T) {
	t.Parallel()
	b := open(t)
	ctx := t.Context()
	f, err := b.api.EnsureFlow(ctx, b.flow.Name)
	if err != nil {
		t.Fatal(err)
	}
	tags := []string{"nightly", b.owner.Tag() + "/serve", b.owner.Tag() + "x", "flowmage:" + b.owner.Project + "/prod", "flowmage:"}
	foreign := map[string]prefect.Deployment{}
	for i := range prerequisite.Size(80, 3000) {
		d, err := prefecttest.CreateDeployment(ctx, b.api, map[string]any{
			"name": fmt.Sprintf("foreign-%d", i), "flow_id": f.ID, "tags": []string{tags[i%len(tags)]}, "parameters": map[string]any{},
		})
		if err != nil {
			t.Fatal(err)
		}
		foreign[d.ID] = d
	}
	const text = `
deployments:
  - {name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: two, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
  - {name: foreign-7, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}
`
	for _, wanted := range []string{text, strings.Join(strings.Split(text, "\n")[:3], "\n")} { // the second prunes two
		p, live := b.compare(t, wanted)
		p.Prune(live, plan.Prune{On: true})
		b.execute(t, p)
	}
	if owned := b.owned(t); len(owned) != 1 || owned[0] != "one" {
		t.Fatal(owned)
	}
	b.clean(t)
	left, err := b.api.Deployments(ctx, prefect.DeploymentFilter{Flows: []string{b.flow.Name}})
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != len(foreign) {
		t.Errorf("%d are left of %d", len(left), len(foreign))
	}
	for _, d := range left {
		if was, known := foreign[d.ID]; !known || !was.Updated.Equal(d.Updated) {
			t.Errorf("%s was touched", d.Name)
		}
	}
}
