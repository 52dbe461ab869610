package ladder

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/flowmage/flowmage/tasks/fault"
)

// step sees the same thing whenever it is asked.
func step(name string, seen Seen, err error, needs ...string) Step {
	return Step{Name: name, Needs: needs, Look: func(context.Context) (Seen, error) { return seen, err }}
}

// What stands on a failed rung, directly or not, is skipped and named after it; the rest is asked.
func TestClimb(t *testing.T) {
	t.Parallel()
	_, wrong := Wrong("no worker", "nobody started one", "start one")
	got := Ladder{
		step("address", Seen{Detail: "here"}, nil),
		step("worker", Seen{}, wrong, "address"),
		step("run", Seen{Detail: "fine"}, nil, "worker"),
		step("page", Seen{Detail: "fine"}, nil, "address", "run"),
		step("schedules", Seen{Detail: "two", Reservation: "paused", Next: "resume"}, nil, "address", "not on this ladder"),
		step("plain", Seen{}, errors.New("a pipe broke"), "schedules"),
	}.Climb(t.Context())
	want := Rungs{
		{Name: "address", State: OK, Detail: "here"},
		{Name: "worker", State: Failed, Detail: "no worker", Why: "nobody started one", Next: "start one", Code: fault.Findings},
		{Name: "run", State: Skipped, Detail: "needs: worker"},
		{Name: "page", State: Skipped, Detail: "needs: worker"},
		{Name: "schedules", State: Warned, Detail: "two", Why: "paused", Next: "resume"},
		{Name: "plain", State: Failed, Detail: "a pipe broke", Next: "run the command again", Code: fault.Unexpected},
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(Rung{}, "Seconds")); diff != "" {
		t.Error(diff)
	}
	if first, failed := got.Failure(); !failed || first.Name != "worker" {
		t.Errorf("the first failure is %q", first.Name)
	}
	if _, failed := got[:1].Failure(); failed {
		t.Error("a rung that holds counts as failed")
	}
	counts := map[State]int{OK: got.Count(OK), Warned: got.Count(Warned), Failed: got.Count(Failed), Skipped: got.Count(Skipped)}
	if diff := cmp.Diff(map[State]int{OK: 1, Warned: 1, Failed: 2, Skipped: 2}, counts); diff != "" {
		t.Error(diff)
	}
}

func TestRungTexts(t *testing.T) {
	t.Parallel()
	r := Rung{Name: "worker", State: Failed, Detail: "none", Why: "nobody started one", Next: "start one", Seconds: 0.254}
	for got, want := range map[string]string{
		r.String(): "failed    worker: none (0.25 s)|why: nobody started one|next: start one",
		r.Told():   "worker: none|why: nobody started one|next: start one",
		Rung{Name: "address", State: OK, Detail: "here"}.String(): "ok        address: here (0.00 s)",
	} {
		lines := strings.Split(got, "\n")
		for i := range lines[1:] {
			lines[i+1] = strings.Join(strings.Fields(lines[i+1]), " ")
		}
		if diff := cmp.Diff(want, strings.Join(lines, "|")); diff != "" {
			t.Error(diff)
		}
	}
}
