package draft

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
)

// AsReviewed refuses a plan that is another one than that of the file: what it does must have the file's fingerprint, and what people could read there
// must be what is done.
func (o Options) AsReviewed(d Draft, plan plan.Plan) error {
	now, err := plan.Fingerprint()
	if err != nil {
		return err
	}
	if now != o.Exactly {
		return MovedOn(plan, o.Planning())
	}
	shown := plan
	shown.Actions = slices.Clone(plan.Actions)
	d.ForetellImages(shown)
	place, err := printed.Differs(shown, o.Reviewed)
	if place == "" || err != nil {
		return err
	}
	return &fault.Error{
		Code: fault.Refused, What: "the plan file does not show what would be done", Where: place,
		Why:  "either somebody has edited it, or the server has changed since; a deploy would now do: " + plan.Summary(),
		Next: "make a new plan and look at it: " + o.Planning(),
	}
}

// MovedOn is the refusal of a plan that does not hold any more. planning is the command for a new one.
func MovedOn(plan plan.Plan, planning string) error {
	return &fault.Error{
		Code: fault.Refused, What: "the plan does not hold any more", Where: plan.API,
		Why:  "the server or the repository has changed since it was made; a deploy would now do: " + plan.Summary(),
		Next: "make a new plan and look at it: " + planning,
	}
}
