package run

import (
	"time"

	"github.com/flowmage/flowmage/tasks/deploying"
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

// One gives the deployment that was asked for: that of the kind, else of the first kind that the flow has.
func One(out deploying.Deployed, asked kind.Kind) (plan.Outcome, plan.Desired, error) {
	types := out.Env.PoolTypes()
	for _, k := range kind.All() {
		for _, d := range out.Desired {
			if kind.OfPool(types[d.Pool()]) != k || asked != "" && asked != k {
				continue
			}
			for _, x := range out.Result.Outcomes {
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
