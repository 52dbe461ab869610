package deploying

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/plan"
)

// A deploy ends well only when all that was asked for is there. Failures weigh more than what was blocked.
func TestVerdict(t *testing.T) {
	t.Parallel()
	blocked := plan.Plan{
		Actions: []plan.Action{{Op: plan.Blocked, Name: "b"}, {Op: plan.Create, Name: "c"}, {Op: plan.Blocked, Name: "a"}, {Op: plan.Blocked, Name: "a"}},
		Pools:   []plan.Pool{{Op: plan.Blocked, Name: "p"}, {Op: plan.Update, Name: "q"}},
	}
	failed := func(err error) plan.Result {
		return plan.Result{Outcomes: []plan.Outcome{{Name: "ok"}, {Name: "c", Err: err, Failure: "the server said no"}}}
	}
	again := "run the same command again: what is done already is left alone"
	for name, test := range map[string]struct {
		plan   plan.Plan
		result plan.Result
		want   *fault.Error
	}{
		"all is there": {plan.Plan{}, plan.Result{Outcomes: []plan.Outcome{{Name: "ok"}}}, nil},
		"some are blocked": {blocked, plan.Result{}, &fault.Error{
			Code: fault.Findings, What: "blocked by errors: [a b work pool p]", Why: "the others were deployed", Next: "correct what is listed above and run the same command again",
		}},
		"one failed": {plan.Plan{}, failed(errors.New("no")), &fault.Error{
			Code: fault.Partial, What: "1 deployment failed", Where: "c", Why: "the server said no", Next: again,
		}},
		"one failed beside blocked ones": {blocked, failed(errors.New("no")), &fault.Error{
			Code: fault.Partial, What: "1 deployment failed", Where: "c", Why: "the server said no", Next: again,
		}},
		"one failed for what can be corrected": {plan.Plan{}, failed(&fault.Error{Code: fault.Findings, Next: "write a number"}), &fault.Error{
			Code: fault.Partial, What: "1 deployment failed", Where: "c", Why: "the server said no", Next: "write a number; then " + again,
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got *fault.Error
			if err := Verdict(test.plan, test.result, "the others were deployed"); err != nil {
				got = fault.Of(err)
				got.Err = nil
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
