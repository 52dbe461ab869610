package live

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

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
