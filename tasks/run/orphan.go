package run

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// Orphan is a run that nobody works on any more: the worker that took it is dead, or the program that served it. Users read that it is left
// behind. Prefect does not start such a run again.
type Orphan struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Deployment string    `json:"deployment_id"`
	State      string    `json:"state"` // PENDING, or RUNNING
	Since      time.Time `json:"since"`
	Worker     string    `json:"worker"` // empty: nobody has signed for the run
	Why        string    `json:"why"`
	// Begun tells that the run had begun. What it did is done, and it may still be alive although its worker is not.
	Begun bool `json:"begun"`
}

// String describes the run on one line.
func (o Orphan) String() string {
	text := fmt.Sprintf("%s (%s): %s since %s, %s", o.Name, o.ID, o.State, o.Since.Local().Format(time.DateTime), o.Why)
	if o.Begun {
		text += "; it had begun"
	}
	return text
}

// orphans finds runs with one of the tags that their worker, or the program that served them, has left. started tells when known workers
// began: one that began later is not the one of the same name that took an older run. A run that is under way counts only when it gives no
// sign of life either; one that nobody has signed for, only when it once gave one.
func orphans(ctx context.Context, api *prefect.Client, tags []string, started map[string]time.Time) ([]Orphan, error) {
	var runs []prefect.FlowRun
	for _, tag := range tags {
		list, err := api.FlowRuns(ctx, prefect.FlowRunFilter{Tags: []string{tag}, States: []string{prefect.StatePending, prefect.StateRunning}})
		if err != nil {
			return nil, err
		}
		runs = append(runs, list...)
	}
	now := api.Now()
	alive, err := aliveWorkers(ctx, api, runs, now)
	if err != nil {
		return nil, err
	}
	var out []Orphan
	for _, r := range runs {
		if why := abandoned(r, alive, started, now); why != "" {
			out = append(out, Orphan{
				ID: r.ID, Name: r.Name, Deployment: r.DeploymentID, State: r.State.Type, Since: r.State.Timestamp, Worker: r.Worker(), Why: why,
				Begun: r.State.Type == prefect.StateRunning,
			})
		}
	}
	return silent(ctx, api, out, now)
}

// How long silence lasts before it means death. Workers give a sign of life every 30 s, so two are missing; a run that is pending has
// begun, or has crashed, long before. Together they name a run within 90 s.
const (
	missedBeats = 2
	grace       = 5 * time.Second
	tooLong     = 75 * time.Second
)

// polled is a worker of a work pool.
type polled struct{ pool, worker string }

// aliveWorkers gives the workers of the runs' pools that are not dead.
func aliveWorkers(ctx context.Context, api *prefect.Client, runs []prefect.FlowRun, now time.Time) (map[polled]bool, error) {
	alive, asked := map[polled]bool{}, map[string]bool{}
	for _, r := range runs {
		if r.WorkPoolName == "" || asked[r.WorkPoolName] {
			continue
		}
		asked[r.WorkPoolName] = true
		list, err := api.Workers(ctx, r.WorkPoolName)
		if err != nil {
			return nil, err
		}
		for _, w := range list {
			silence := grace + missedBeats*time.Duration(w.Interval*float64(time.Second))
			alive[polled{r.WorkPoolName, w.Name}] = w.LastHeartbeat != nil && now.Sub(*w.LastHeartbeat) < silence
		}
	}
	return alive, nil
}

// abandoned tells why nobody works on the run, or nothing.
func abandoned(r prefect.FlowRun, alive map[polled]bool, started map[string]time.Time, now time.Time) string {
	worker := r.Worker()
	switch {
	case worker == "" && r.State.Type == prefect.StatePending && now.Sub(r.State.Timestamp) > tooLong:
		return "nobody has signed for it"
	case worker == "" && r.State.Type == prefect.StateRunning && now.Sub(r.State.Timestamp) > tooLong:
		return "it gives no sign of life any more"
	case worker == "":
		return ""
	case !alive[polled{r.WorkPoolName, worker}]:
		return fmt.Sprintf("its worker %s is gone", worker)
	case started[worker].After(r.State.Timestamp):
		return fmt.Sprintf("its worker %s has been started anew since", worker)
	default:
		return ""
	}
}

// silent leaves out runs under way that gave a sign of life lately, and those that nobody has signed for and that never gave one: not every
// release of Prefect has runs give any.
func silent(ctx context.Context, api *prefect.Client, list []Orphan, now time.Time) ([]Orphan, error) {
	var begun []string
	for _, o := range list {
		if o.Begun {
			begun = append(begun, o.ID)
		}
	}
	seen, err := api.Heartbeats(ctx, begun, now.Add(-tooLong))
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(o Orphan) bool {
		_, lives := seen[o.ID]
		return lives || o.Begun && now.Sub(o.Since) < tooLong
	})
	return slices.DeleteFunc(list, func(o Orphan) bool {
		if !o.Begun || o.Worker != "" || err != nil {
			return false
		}
		var before map[string]time.Time
		before, err = api.Heartbeats(ctx, []string{o.ID}, o.Since.Add(-grace))
		return len(before) == 0
	}), err
}
