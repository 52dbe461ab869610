// Package run starts runs of flows, follows them, and tells why they ended (flows:run). It also lists runs (flows:runs), and finds those that
// nobody works on any more and starts them again (flows:reschedule).
//
// Start with [Choose] and [Follow], which are flows:run; [Orphans] is the other half. What it says of an environment as rungs of a ladder,
// [Smoke] and [NoOrphans], stands here and not in package verify, which never writes.
package run

import (
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/plan"
)

// Options are the choices of flows:run.
type Options struct {
	Env     string
	Flow    string        // name, folder or function
	Kind    kind.Kind     // empty: python, where the flow has several
	Params  string        // a JSON object, or @file that holds one
	NoWait  bool          // start the run and leave it alone
	Timeout time.Duration // 0 means no limit
	JSON    bool
}

// Choose gives the deployment to run, of those that were wanted and written: that of the kind, else of the first kind that there is. types are
// the types of the environment's work pools, by name.
func Choose(wanted []plan.Desired, written []plan.Outcome, types map[string]string, asked kind.Kind) (plan.Outcome, plan.Desired, error) {
	for _, k := range kind.All() {
		for _, d := range wanted {
			if kind.OfPool(types[d.Pool()]) != k || asked != "" && asked != k {
				continue
			}
			for _, x := range written {
				if x.Name == d.Name && x.ID != "" {
					return x, d, nil
				}
			}
		}
	}
	f := &fault.Error{
		Code: fault.Findings, What: "there is no deployment to run", Why: "the flow is not deployed in this environment",
		Next: "look at `enabled` in envs/, at the top and below flows.<name>",
	}
	if asked != "" {
		f.Why, f.Next = "the flow has no deployment of kind "+string(asked)+" in this environment", "look at kinds: in envs/, or leave out -kind"
	}
	return plan.Outcome{}, plan.Desired{}, f
}
