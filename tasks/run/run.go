package run

import (
	"time"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
)

// Options are the choices of flows:run.
type Options struct {
	Env     string
	Flow    string        // name, folder or function
	Kind    string        // python or container; empty: python, where the flow has both
	Params  string        // a JSON object, or @file that holds one
	NoWait  bool          // start the run and leave it alone
	Timeout time.Duration // 0 means no limit
	JSON    bool
}

// One gives the deployment that was asked for: that of the kind, else the python one, else the only one.
func One(out deploying.Deployed, kind string) (deploy.Outcome, deploy.Desired, error) {
	types := out.Env.PoolTypes()
	for _, wanted := range []string{session.InProcess, session.Container} {
		for _, d := range out.Desired {
			pool, _ := d.Fields["work_pool_name"].(string)
			if (types[pool] == "process") != (wanted == session.InProcess) || kind != "" && kind != wanted {
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
	if kind != "" {
		f.Why, f.Next = "the flow has no deployment of kind "+kind+" in this environment", "look at kinds: in envs/, or leave out -kind"
	}
	return deploy.Outcome{}, deploy.Desired{}, f
}
