package deploying

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
)

// Commands that are shown, or kept in receipts, can be typed as they stand and are about the same as those that were given.
func TestLines(t *testing.T) {
	t.Parallel()
	only := []string{"My Flow/my flow", "etl-*"}
	got := []string{
		draft.Options{File: "the file's.yaml", Project: "shop", Only: only, Kind: kind.Container}.Line("deploy:adopt", "dev"),
		draft.Options{Env: "dev", Only: only, Prune: true}.Planning(),
		CleanOptions{Only: only, Kind: kind.Python, Served: true}.command("dev"),
		CleanOptions{}.command("dev"),
		ReleaseOptions{Project: "shop", Only: only, Kind: kind.Python}.line("dev"),
		ReleaseOptions{All: true}.line("dev"),
		CleanOptions{Preview: true}.deploying("dev"),
	}
	want := []string{
		`mage deploy:adopt -env=dev -file='the file'\''s.yaml' -project=shop -only='My Flow/my flow,etl-*' -kind=container`,
		`mage deploy:plan -env=dev -only='My Flow/my flow,etl-*' -prune -out=FILE`,
		`mage deploy:clean -env=dev -only='My Flow/my flow,etl-*' -kind=python -served`,
		`mage deploy:clean -env=dev`,
		`mage deploy:release -env=dev -project=shop -only='My Flow/my flow,etl-*' -kind=python`,
		`mage deploy:release -env=dev -all`,
		`mage env:preview up -env=dev`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestCountedFailures(t *testing.T) {
	t.Parallel()
	failed, done := plan.Outcome{Err: context.Canceled}, plan.Outcome{}
	for want, r := range map[string]plan.Result{
		"1 deployment":                  {Outcomes: []plan.Outcome{failed, done}, Pools: []plan.Outcome{done}},
		"1 work pool":                   {Outcomes: []plan.Outcome{done}, Pools: []plan.Outcome{failed, done}},
		"2 deployments and 1 work pool": {Outcomes: []plan.Outcome{failed, failed}, Pools: []plan.Outcome{failed}},
	} {
		if got := countedFailures(r); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
