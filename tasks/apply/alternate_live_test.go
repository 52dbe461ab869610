//go:build e2e

package apply_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/prerequisite"
)

// TestInTurnsAsPrefectDeploys deploys the same manifests with Prefect's own command line and with ours, in turns, while people edit at the UI.
// Neither tool stands in the other's way, and ours changes nothing that its plan did not show.
func TestInTurnsAsPrefectDeploys(t *testing.T) {
	t.Parallel()
	python := prerequisite.ServerPython(t)
	own, err := prerequisite.Launch(t.Context(), python, t.TempDir(), []string{"PYTHONTZPATH="}) // Prefect's command line fails where a server is busy with others
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(own.Stop)
	b := openAt(t, own.API)
	b.flow = scanned(t, b.pool)
	b.apply(t, `deployments: [{name: first, entrypoint: "flows/f.py:f", work_pool: {name: "%POOL%"}}]`) // makes the pool
	text := `deployments:
  - {name: first, entrypoint: "flows/f.py:f", version: given, pull: [], work_pool: {name: "%POOL%"}}
` + strings.TrimPrefix(many(prerequisite.Size(12, 40)), "deployments:\n")
	r := rand.New(rand.NewPCG(16, 6))
	for turn := range 6 {
		if turn%2 == 0 {
			b.inTurn(t, turn, text)
		} else {
			b.byPrefect(t, python, text)
		}
		b.editsByHand(t, r)
		if t.Failed() {
			t.Fatalf("turn %d of\n%s", turn, text)
		}
	}
	b.inTurn(t, 6, text)
}

// inTurn is a deploy of ours after Prefect's: all of ours have lost the tag, the plan says so once, and shows all that changes.
func (b *bench) inTurn(t *testing.T, turn int, text string) {
	t.Helper()
	before := b.stored(t)
	p := b.apply(t, text)
	after := b.stored(t)
	for _, a := range p.Actions {
		lost := 0
		for _, n := range a.Notes {
			if strings.Contains(n, "taken our tag off it") {
				lost++
			}
		}
		if a.Op == plan.Blocked || turn > 0 && (a.Op != plan.Update || lost != 1) {
			t.Errorf("turn %d: %s of %s, told of the tag %d times: %v %v", turn, a.Op, a.Name, lost, a.Notes, a.Reasons)
		}
		if a.Op != plan.Create && a.Name != "first" {
			shownAll(t, a, before[a.Name], after[a.Name])
		}
	}
}

// shownAll checks that the plan has named each field that is otherwise afterwards.
func shownAll(t *testing.T, a plan.Action, before, after map[string]any) {
	t.Helper()
	told := map[string]bool{"updated": true, "updated_by": true, "status": true, "last_polled": true, "global_concurrency_limit": true, "work_queue_id": true}
	for _, c := range a.Changes {
		field, _, _ := strings.Cut(c.Field, ".")
		told[field] = true
	}
	told["automations"] = told["triggers"]
	for key := range after {
		if !told[key] && !reflect.DeepEqual(timeless(before[key]), timeless(after[key])) {
			t.Errorf("%s: %s was %s, is %s, and the plan shows %v", a.Name, key, show(before[key]), show(after[key]), a.Changes)
		}
	}
}

// timeless gives a value without the times at which something was written, and lists of schedules in one order.
func timeless(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		if m, ok := e.(map[string]any); ok {
			delete(m, "updated")
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b any) int { return strings.Compare(show(a), show(b)) })
	return out
}

// editsByHand does to some deployments what people do at the UI.
func (b *bench) editsByHand(t *testing.T, r *rand.Rand) {
	t.Helper()
	list, err := b.api.Deployments(t.Context(), prefect.DeploymentFilter{Flows: []string{b.flow.Name}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range list {
		var err error
		switch r.IntN(8) {
		case 0:
			err = b.api.UpdateDeployment(t.Context(), d.ID, map[string]any{"description": fmt.Sprint("by hand ", r.IntN(9))})
		case 1:
			err = b.api.UpdateDeployment(t.Context(), d.ID, map[string]any{"paused": !d.Paused})
		case 2:
			_, err = b.api.CreateSchedules(t.Context(), d.ID, []map[string]any{{"schedule": map[string]any{"cron": "9 9 * * *"}}})
		case 3, 4, 5:
			for _, s := range d.Schedules {
				if err == nil && r.IntN(2) == 0 {
					err = b.api.UpdateSchedule(t.Context(), d.ID, s.ID, map[string]any{"active": !s.Active, "parameters": s.Parameters})
				}
			}
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}
