// Package run starts runs of flows, follows them, and tells why they ended (flows:run). It also lists runs (flows:runs), and finds those that
// nobody works on any more and starts them again (flows:reschedule).
//
// Start with [Choose] and [Follow], which are flows:run; [Orphans] is the other half. What it says of an environment as rungs of a ladder,
// [Smoke] and [NoOrphans], stands here and not in package verify, which never writes.
package run

import (
	"time"

	"github.com/flowmage/flowmage/tasks/deploy"
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

// Choose gives the deployment to run, of those that were wanted and written: that of the kind, else the python one, else the only one. types
// are the types of the environment's work pools, by name.
func Choose(wanted []deploy.Desired, written []deploy.Outcome, types map[string]string, kind string) (deploy.Outcome, deploy.Desired, error) {
	for _, k := range []string{session.InProcess, session.Container} {
		for _, d := range wanted {
			pool, _ := d.Fields["work_pool_name"].(string)
			if (types[pool] == "process") != (k == session.InProcess) || kind != "" && kind != k {
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
	if kind != "" {
		f.Why, f.Next = "the flow has no deployment of kind "+kind+" in this environment", "look at kinds: in envs/, or leave out -kind"
	}
	return deploy.Outcome{}, deploy.Desired{}, f
}
