package apply

import (
	"context"

	"github.com/flowmage/flowmage/tasks/plan"
)

// outcomesOf gives the outcomes of an operation in which nothing fails.
func outcomesOf(op plan.Op, list []plan.Action) []plan.Outcome {
	out := make([]plan.Outcome, 0, len(list))
	for _, a := range list {
		out = append(out, plan.Outcome{Op: op, Name: a.Name, Flow: a.Flow, ID: a.ID})
	}
	return out
}

// perform does one after the other and notes what fails. A cancelled context ends after the one under way: the rest carries its error.
func perform(ctx context.Context, list []plan.Outcome, do func(i int) error) {
	for i := range list {
		o := &list[i]
		if o.Err = ctx.Err(); o.Err == nil {
			o.Err = do(i)
		}
		if o.Err != nil {
			o.Failure = o.Err.Error()
		}
	}
}
