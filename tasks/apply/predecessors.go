package apply

import (
	"github.com/flowmage/flowmage/tasks/plan"
)

// keepsPredecessor gives the reason why a deployment is not deleted now that the others have been written, "" when there is none.
func (x *execution) keepsPredecessor(a plan.Action) string {
	for i, b := range x.plan.Actions {
		if (b.Op == plan.Create || b.Op == plan.Update) && x.outcomes[i].Err != nil && b.Replaces(a) {
			return b.Name + " could not be written" + plan.LaterOn
		}
	}
	return ""
}

// keepsPools gives the reason why no work pool is deleted, "" when there is none: what could not be written may still need the one that it
// was in, or was to go to.
func (x *execution) keepsPools() string {
	for i, b := range x.plan.Actions {
		if (b.Op == plan.Create || b.Op == plan.Update) && x.outcomes[i].Err != nil {
			return b.Name + " could not be written"
		}
	}
	return ""
}
