//go:build e2e

package apply_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prefecttest"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// somebodys makes a deployment as other hands do: with a paused schedule that has no slug.
func (b *bench) somebodys(t *testing.T, name string, tags ...string) prefect.Deployment {
	t.Helper()
	f, err := b.api.EnsureFlow(t.Context(), b.flow.Name)
	if err != nil {
		t.Fatal(err)
	}
	d, err := prefecttest.CreateDeployment(t.Context(), b.api, map[string]any{
		"name": name, "flow_id": f.ID, "tags": append([]string{}, tags...), "parameters": map[string]any{"n": 3},
		"parameter_openapi_schema": map[string]any{"type": "object", "properties": map[string]any{"n": map[string]any{"type": "integer"}}},
		"schedules":                []any{map[string]any{"schedule": map[string]any{"cron": "0 6 * * *"}, "active": false}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// A foreign deployment of our name is adopted by its tag alone, and a receipt knows it as it is then.
func TestAdopt(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.apply(t, strings.Join(strings.Split(pair, "\n")[:5], "\n"))
	foreign := b.somebodys(t, "two", "theirs")
	p := b.plan(t, pair)
	if list := p.Adoptable(); len(list) != 1 || list[0].ID != foreign.ID {
		t.Fatalf("got %+v", list)
	}
	b.writes = nil
	known, err := receipt.Recall(t.Context(), b.api, b.owner)
	if err != nil {
		t.Fatal(err)
	}
	r := apply.Adopt(t.Context(), b.api, b.owner, p.Adoptable())
	if len(r.Failed()) > 0 {
		t.Fatal(r)
	}
	if diff := cmp.Diff([]string{"PATCH /deployments/" + foreign.ID}, b.writes); diff != "" {
		t.Error(diff)
	}
	after, err := b.api.Deployment(t.Context(), foreign.ID)
	if err != nil {
		t.Fatal(err)
	}
	foreign.Tags, foreign.Updated = append(foreign.Tags, b.owner.Tag()), after.Updated
	if diff := cmp.Diff(foreign, after); diff != "" {
		t.Errorf("more than the tag: %s", diff)
	}
	b.recorded(t, known, r)
	if drift := b.drift(t); len(drift) > 0 {
		t.Errorf("the receipt does not know what was left: %+v", drift)
	}
	if next := b.plan(t, pair); next.Count(plan.Blocked) != 0 || next.Count(plan.Update) != 1 || len(next.Adoptable()) != 0 {
		t.Errorf("got %s", next.Summary())
	}
}

// What changes between look and adoption is seen: the deployment is read again right before.
func TestAdoptLooksAgain(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		meanwhile func(ctx context.Context, b *bench, id string) error
		tags      []string // afterwards
		failure   string
	}{
		"another project's tag": {func(ctx context.Context, b *bench, id string) error {
			return b.api.UpdateDeployment(ctx, id, map[string]any{"tags": []string{"flowmage:warehouse/prod"}})
		}, []string{"flowmage:warehouse/prod"}, "belongs to the project warehouse in its environment prod"},
		"a tag more": {func(ctx context.Context, b *bench, id string) error {
			return b.api.UpdateDeployment(ctx, id, map[string]any{"tags": []string{"theirs", "more"}})
		}, []string{"theirs", "more", "ours"}, ""},
		"our tag": {func(ctx context.Context, b *bench, id string) error {
			return b.api.UpdateDeployment(ctx, id, map[string]any{"tags": []string{b.owner.Tag()}})
		}, []string{"ours"}, ""},
		"deleted": {func(ctx context.Context, b *bench, id string) error { return b.api.DeleteDeployment(ctx, id) }, nil, "the deployment is gone"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			foreign := b.somebodys(t, "two", "theirs")
			p := b.plan(t, pair)
			if err := test.meanwhile(t.Context(), b, foreign.ID); err != nil {
				t.Fatal(err)
			}
			r := apply.Adopt(t.Context(), b.api, b.owner, p.Adoptable())
			failure := ""
			if failed := r.Failed(); len(failed) > 0 {
				failure = failed[0].Failure
			}
			if !strings.Contains(failure, test.failure) || (failure == "") != (test.failure == "") {
				t.Errorf("got %q, want %q", failure, test.failure)
			}
			after, err := b.api.Deployment(t.Context(), foreign.ID)
			if test.tags == nil && prefect.IsNotFound(err) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i, tag := range after.Tags {
				after.Tags[i] = strings.Replace(tag, b.owner.Tag(), "ours", 1)
			}
			if diff := cmp.Diff(test.tags, after.Tags); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A deployment that carries somebody's tag is nobody's to take: not by a deploy, an adoption, a prune or a clean. What only looks like such a
// tag says nothing.
func TestClaimed(t *testing.T) {
	t.Parallel()
	b := open(t)
	own, project := b.owner.Tag(), b.owner.Project
	const foreign, claimed, served = "deployment-foreign", "deployment-claimed", "deployment-served"
	tests := []struct {
		tags  []string
		code  string
		words []string
	}{
		{[]string{"nightly"}, foreign, []string{"it lacks the tag " + own}},
		{[]string{"flowmage:warehouse/prod"}, claimed, []string{"belongs to the project warehouse in its environment prod", "mage deploy:release -env=prod"}},
		{[]string{"nightly", "flowmage:" + project + "/prod"}, claimed, []string{"the project " + project + " in its environment prod"}},
		{[]string{own, "flowmage:warehouse/prod"}, claimed, []string{"is ours and belongs to the project warehouse"}},
		{[]string{"flowmage:warehouse/prod", "flowmage:a/b"}, claimed, []string{"warehouse in its environment prod and the project a in its environment b"}},
		{[]string{"flowmage:warehouse/prod/serve"}, claimed, []string{"the project warehouse, which serves it in its environment prod", "in the project warehouse, end the program that serves it, then mage deploy:clean -env=prod -served -only=" + b.flow.Name + "/d05; or "}},
		{[]string{own + "/serve"}, served, []string{"`mage flows:serve` made", "end that program, then mage deploy:clean -env=" + b.owner.Env + " -served -only=" + b.flow.Name + "/d06; or "}},
		{[]string{own, own + "/serve"}, served, []string{"`mage flows:serve` made", "end that program, then delete the deployment in the Prefect UI; or "}},
		{[]string{"flowmage:"}, foreign, nil},
		{[]string{"flowmage:warehouse"}, foreign, nil},
		{[]string{"flowmage:warehouse/"}, foreign, nil},
		{[]string{"flowmage:/prod"}, foreign, nil},
		{[]string{"flowmage:a/b/c"}, foreign, nil},
		{[]string{"xflowmage:a/b"}, foreign, nil},
		{[]string{"flowmage:ware house/prod"}, foreign, nil},
	}
	var text strings.Builder
	text.WriteString("deployments:\n")
	stored := map[string]prefect.Deployment{}
	for i, test := range tests {
		d := b.somebodys(t, fmt.Sprintf("d%02d", i), test.tags...)
		stored[d.ID] = d
		fmt.Fprintf(&text, "  - {name: %s, entrypoint: \"flows/f.py:f\", work_pool: {name: \"%%POOL%%\"}}\n", d.Name)
	}
	b.flow = flowOf(t, b.pool)
	p := b.plan(t, text.String())
	for i, test := range tests {
		a := p.Actions[i]
		if a.Op != plan.Blocked || len(a.Reasons) != 1 || a.Reasons[0].Code != test.code || a.Reasons[0].Severity != finding.Error {
			t.Errorf("%v: got %s %+v, want %s", test.tags, a.Op, a.Reasons, test.code)
			continue
		}
		for _, want := range test.words {
			if said := a.Reasons[0].Message + a.Reasons[0].Fix; !strings.Contains(said, want) {
				t.Errorf("%v: no %q in %q", test.tags, want, said)
			}
		}
		adoptable := slices.ContainsFunc(p.Adoptable(), func(x plan.Action) bool { return x.Name == a.Name })
		refused := slices.ContainsFunc(p.Refused(), func(x plan.Action) bool { return x.Name == a.Name })
		if adoptable != (test.code == foreign) || refused == adoptable {
			t.Errorf("%v: adoptable %v, refused %v", test.tags, adoptable, refused)
		}
	}
	p, live := b.compare(t, `deployments: [{name: one, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`)
	p.Prune(live, plan.Prune{On: true})
	if p.Count(plan.Delete)+p.Count(plan.Leftover) > 0 {
		t.Errorf("what two own is left over: %s", p.Summary())
	}
	if owned := b.owned(t); len(owned) > 0 {
		t.Error(owned)
	}
	for id, d := range stored {
		if now, err := b.api.Deployment(t.Context(), id); err != nil || !now.Updated.Equal(d.Updated) {
			t.Errorf("%v was touched: %v", d.Tags, err)
		}
	}
}

// The command that takes over stands where it takes over something.
func TestTakeOver(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.somebodys(t, "one", "theirs")
	b.somebodys(t, "two", "flowmage:warehouse/prod")
	p := b.plan(t, pair)
	p.TakeOver("mage deploy:adopt -env=dev -file=a.yaml")
	if fix := p.Actions[0].Reasons[0].Fix; !strings.HasPrefix(fix, "take it over: mage deploy:adopt -env=dev -file=a.yaml; or ") {
		t.Error(fix)
	}
	if fix := p.Actions[1].Reasons[0].Fix; strings.Contains(fix, "adopt") {
		t.Error(fix)
	}
}
