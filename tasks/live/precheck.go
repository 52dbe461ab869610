package live

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/pattern"

	"github.com/flowmage/flowmage/tasks/canonical"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Precheck blocks what the server would refuse, or accept and crash on, before anything is written: job variables that don't fit the
// pool's template, and references to blocks and variables that do not exist. Job variables that the pool does not know are
// notes: Prefect stores them and uses them for nothing. Only what is to be created or updated is looked at.
func Precheck(ctx context.Context, api *prefect.Client, p *plan.Plan, live plan.Live) error {
	known := map[string]bool{} // references that were looked up
	if err := checkDefaults(ctx, api, p, known); err != nil {
		return fmt.Errorf("looking up what work pools refer to: %w", err)
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		if a.Op != plan.Create && a.Op != plan.Update {
			continue
		}
		reasons, notes := plan.CheckJob(p.Owner, a.Desired, live)
		a.Notes = append(a.Notes, notes...)
		missing, err := missingReferences(ctx, api, a.Desired, known)
		if err != nil {
			return fmt.Errorf("looking up what %s refers to: %w", a.Name, err)
		}
		if reasons = append(reasons, missing...); len(reasons) > 0 {
			a.Block(reasons)
		}
	}
	p.KeepPredecessors()
	if err := checkRemovals(ctx, api, p); err != nil {
		return fmt.Errorf("looking for what uses work pools that are to be deleted: %w", err)
	}
	return noteLateRuns(ctx, api, p)
}

// reference finds what Prefect resolves from the server (Prefect: utilities/templating).
var reference = pattern.New(`\{\{\s*prefect\.(blocks|variables)\.([\w.\-\[\]$]+)\s*\}\}`)

// missingReferences looks up each block and variable that the fields refer to. known keeps what was found.
func missingReferences(ctx context.Context, api *prefect.Client, d plan.Desired, known map[string]bool) (finding.List, error) {
	var out finding.List
	for _, field := range []string{plan.FieldParameters, plan.FieldJob, plan.FieldPull} {
		missing, err := missingIn(ctx, api, field, d.Fields[field], known)
		if err != nil {
			return nil, err
		}
		for _, f := range missing {
			f.Position, f.Subject, f.Scope = d.Position, d.Name, d.Scope()
			out = append(out, f)
		}
	}
	return out, nil
}

// missingIn looks up each block and variable that a value refers to.
func missingIn(ctx context.Context, api *prefect.Client, field string, v any, known map[string]bool) (finding.List, error) {
	var out finding.List
	for _, m := range reference.FindAllStringSubmatch(canonical.Compact(v), -1) {
		kind, name := m[1], m[2]
		there, asked := known[kind+name]
		if !asked {
			var err error
			if there, err = exists(ctx, api, kind, name); err != nil {
				return nil, err
			}
			known[kind+name] = there
		}
		if !there {
			out = append(out, unknownReference(field, kind, name))
		}
	}
	return out, nil
}

// checkDefaults blocks work pools whose defaults refer to what the server does not have, and what needs such a pool that is not there yet.
func checkDefaults(ctx context.Context, api *prefect.Client, p *plan.Plan, known map[string]bool) error {
	for i := range p.Pools {
		x := &p.Pools[i]
		if x.Op != plan.Create && x.Op != plan.Update {
			continue
		}
		missing, err := missingIn(ctx, api, "defaults", x.Want.Defaults, known)
		if err != nil {
			return err
		}
		if len(missing) == 0 {
			continue
		}
		for k := range missing {
			missing[k].Position = x.Want.Position
		}
		x.Op, x.Reasons = plan.Blocked, missing
		x.Fields, x.Queues, x.Changes = nil, plan.QueueEdits{}, nil
		for k := range p.Actions {
			if a := &p.Actions[k]; x.Have == nil && a.Pool() == x.Name && (a.Op == plan.Create || a.Op == plan.Update) {
				a.Block(missing)
			}
		}
	}
	return nil
}

func exists(ctx context.Context, api *prefect.Client, kind, name string) (bool, error) {
	if kind == "variables" {
		_, there, err := api.Variable(ctx, name)
		return there, err
	}
	parts := strings.SplitN(name, ".", 3)
	if len(parts) < 2 {
		return false, nil
	}
	return api.HasBlock(ctx, parts[0], parts[1])
}

func unknownReference(field, kind, name string) finding.Finding {
	f := catalogue.New("reference-missing", finding.Surroundings(), finding.Finding{
		Message: fmt.Sprintf("%s refers to the variable %s, which the server does not have", field, name),
		Fix:     "make it: prefect variable set " + name + " VALUE",
	})
	if kind == "blocks" {
		f.Message = fmt.Sprintf("%s refers to the block %s, which the server does not have", field, strings.ReplaceAll(name, ".", "/"))
		f.Fix = "make it in the Prefect UI under Blocks, or correct the name"
	}
	return f
}

// PoolUsers tells what uses a work pool, "" when nothing does. leaving is how many of its deployments are about to go. own names the worker that this machine runs
// for it, which goes with the pool; any other online worker uses it too: it would make the pool anew, as somebody else's. (Prefect: workers/base.py.)
func PoolUsers(ctx context.Context, api *prefect.Client, in prefect.DeploymentFilter, leaving int, own func() string) (string, error) {
	n, err := api.CountDeployments(ctx, in)
	if err != nil {
		return "", err
	}
	if n -= leaving; n > 0 {
		return "used by " + console.Count(n, "deployment"), nil
	}
	workers, err := api.OnlineWorkers(ctx, in.Pools[0])
	if err != nil && !prefect.IsNotFound(err) {
		return "", err
	}
	if own != nil { // it is ended first
		mine := own()
		workers = slices.DeleteFunc(workers, func(w prefect.Worker) bool { return w.Name == mine })
	}
	if len(workers) > 0 {
		return "its worker " + workers[0].Name + " is online; stop that first", nil
	}
	return "", nil
}

// checkRemovals keeps pools and queues that something else uses.
func checkRemovals(ctx context.Context, api *prefect.Client, p *plan.Plan) error {
	for i := range p.Pools {
		x := &p.Pools[i]
		if x.Op == plan.Delete {
			users, err := PoolUsers(ctx, api, prefect.DeploymentFilter{Pools: []string{x.Name}}, p.Leaving(x.Name, ""), nil)
			if err != nil {
				return err
			}
			if users != "" {
				x.Op, x.Stays = plan.Leftover, users
			}
			continue
		}
		for _, queue := range slices.Clone(x.Queues.Remove) {
			n, err := api.CountDeployments(ctx, prefect.DeploymentFilter{Pools: []string{x.Name}, Queues: []string{queue}})
			if err != nil {
				return err
			}
			if n > p.Leaving(x.Name, queue) {
				x.KeepQueue(queue)
			}
		}
	}
	return nil
}

// lateRunsStay is the first release in which a write to a deployment leaves its runs alone that should have started already (Prefect:
// server/models/deployments.py, `future_only`). Before, they are dropped with those to come.
func lateRunsStay() prefect.Release { return prefect.Release{Major: 3, Minor: 3, Patch: 4} }

// noteLateRuns tells of runs that a write would drop and that no schedule brings back.
func noteLateRuns(ctx context.Context, api *prefect.Client, p *plan.Plan) error {
	if p.Release.AtLeast(lateRunsStay()) {
		return nil
	}
	var ids []string
	for _, a := range p.Actions {
		if a.Op == plan.Update && (len(a.Fields) > 0 || !a.Schedules.Empty()) {
			ids = append(ids, a.ID)
		}
	}
	late := map[string]int{}
	for part := range slices.Chunk(ids, prefect.NamesAtOnce) {
		runs, err := api.FlowRuns(ctx, prefect.FlowRunFilter{DeploymentIDs: part, States: []string{prefect.StateScheduled}, ExpectedBefore: time.Now()})
		if err != nil {
			return fmt.Errorf("looking for late runs: %w", err)
		}
		for _, r := range runs {
			if r.AutoScheduled {
				late[r.DeploymentID]++
			}
		}
	}
	for i := range p.Actions {
		a := &p.Actions[i]
		if n := late[a.ID]; a.Op == plan.Update && n > 0 {
			a.Notes = append(a.Notes, fmt.Sprintf(
				"runs of its schedules that are late and have not begun: %d; this server, older than %s, drops them when the deployment is written", n, lateRunsStay()))
		}
	}
	return nil
}
