package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/wait"
)

// patience is how long the scheduler is waited for: it looks at new deployments every five seconds.
const patience = 15 * time.Second

// upcoming waits a little for the runs of new deployments, and tells why others have none.
func (v View) upcoming(ctx context.Context, ids []string) (ladder.Seen, error) {
	var runs []prefect.FlowRun
	var missing, resting []string
	asked := false
	all, err := wait.Until(ctx, cmp.Or(v.Patience, patience), 500*time.Millisecond, func() (bool, error) {
		var err error
		if runs, err = v.API.ScheduledRuns(ctx, ids); err != nil {
			return false, err
		}
		if missing = without(ids, runs); len(missing) > 0 && !asked { // paused by hand: nothing to wait for
			var paused []string
			if paused, resting, err = v.paused(ctx, missing); err != nil {
				return false, err
			}
			isPaused := func(id string) bool { return slices.Contains(paused, id) }
			ids, missing, asked = slices.DeleteFunc(slices.Clone(ids), isPaused), slices.DeleteFunc(missing, isPaused), true
		}
		return len(missing) == 0, nil
	})
	switch {
	case err != nil:
		return ladder.Seen{}, err
	case !all:
		return v.unscheduled(ctx, len(missing), len(ids))
	default:
		return coming(runs, resting), nil
	}
}

// without gives the deployments that have none of the runs.
func without(ids []string, runs []prefect.FlowRun) []string {
	have := map[string]bool{}
	for _, r := range runs {
		have[r.DeploymentID] = true
	}
	return slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return have[id] })
}

func coming(runs []prefect.FlowRun, resting []string) ladder.Seen {
	got := ladder.Seen{Detail: fmt.Sprintf("%d to come", len(runs))}
	if len(runs) > 0 && runs[0].ExpectedStart != nil {
		got.Detail += ", the next at " + runs[0].ExpectedStart.Local().Format(time.DateTime)
	}
	if len(resting) > 0 {
		got.Reservation = "paused on the server by hand, so without runs: " + strings.Join(resting, ", ")
		got.Next = "a deploy leaves a pause alone; resume it in the UI if it was not meant"
	}
	return got
}

// paused gives those of the deployments that somebody paused, themselves or all of their schedules: ids and names.
func (v View) paused(ctx context.Context, ids []string) (paused, names []string, err error) {
	for _, id := range ids {
		d, err := v.API.Deployment(ctx, id)
		if prefect.IsNotFound(err) {
			continue // told by another rung
		}
		if err != nil {
			return nil, nil, err
		}
		active := slices.ContainsFunc(d.Schedules, func(x prefect.Schedule) bool { return x.Active })
		switch {
		case d.Paused:
			names = append(names, d.Name)
		case !active && len(d.Schedules) > 0:
			names = append(names, d.Name+" (its schedule)")
		default:
			continue
		}
		paused = append(paused, id)
	}
	return paused, names, nil
}

// unscheduled tells why active schedules lead to no runs.
func (v View) unscheduled(ctx context.Context, missing, all int) (ladder.Seen, error) {
	what := fmt.Sprintf("%d of %d scheduled deployments have no run to come", missing, all)
	if settings, err := v.API.ServerSettings(ctx); err == nil && settings.Off("scheduler") {
		return ladder.Wrong(what, "the server's scheduler is switched off", "start the server with PREFECT_SERVER_SERVICES_SCHEDULER_ENABLED=true")
	}
	return ladder.Wrong(what, "deployments and schedules are active, so the server's scheduler does not run, or the schedules have ended",
		"look at the schedule's end in the UI; a server started with --no-services needs `prefect server services start` beside it")
}
