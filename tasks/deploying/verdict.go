package deploying

import (
	"cmp"
	"errors"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
)

// Verdict gives the error that a finished deploy ends with: failures weigh more than blocked ones.
func Verdict(plan plan.Plan, result plan.Result, effect string) error {
	failed, blocked := result.Failed(), BlockedNames(plan)
	switch {
	case len(failed) == 0 && len(blocked) == 0:
		return nil
	case len(failed) == 0:
		return &fault.Error{
			Code: fault.Findings, What: "blocked by errors: " + finding.Names(blocked),
			Why: effect, Next: "correct what is listed above and run the same command again",
		}
	}
	return &fault.Error{
		Code: fault.Partial, What: countedFailures(result) + " failed",
		Where: failed[0].Name, Why: failed[0].Failure, Err: failed[0].Err,
		Next: cmp.Or(correction(failed[0].Err), "run the same command again: what is done already is left alone"),
	}
}

// correction gives what to correct in the user's files before the same command can help; empty when it may help as it is.
func correction(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok && f.Code == fault.Findings && f.Next != "" {
		return f.Next + "; then run the same command again: what is done already is left alone"
	}
	return ""
}

// BlockedNames gives what errors stand in the way of, each once.
func BlockedNames(planned plan.Plan) []string {
	names := map[string]bool{}
	for _, x := range planned.Pools {
		if x.Op == plan.Blocked {
			names["work pool "+x.Name] = true
		}
	}
	for _, a := range planned.Actions {
		if a.Op == plan.Blocked {
			names[a.Name] = true
		}
	}
	return slices.Sorted(maps.Keys(names))
}
