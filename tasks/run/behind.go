package run

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/verify"
)

// Left is a run that nobody works on any more: whoever took it is dead. Prefect does not start such a run again.
type Left struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Deployment string    `json:"deployment_id"`
	State      string    `json:"state"` // PENDING, or RUNNING
	Since      time.Time `json:"since"`
	Worker     string    `json:"worker"` // empty: nobody has signed for the run
	Why        string    `json:"why"`
	// Begun tells that the run had begun. What it did is done, and it may be alive yet where its worker is not.
	Begun bool `json:"begun"`
}

// How long silence lasts before it means death. Workers give a sign of life every 30 s, so two are missing; a run that is pending has
// begun, or has crashed, long before. Together they name a run within 90 s.
const (
	missedBeats = 2
	grace       = 5 * time.Second
	tooLong     = 75 * time.Second
)

// LeftBehind finds runs with one of the tags that their worker, or the program that served them, has left. born tells when workers
// started that are known to the caller: a later one of the same name is not the one that took an older run. A run that is under way
// counts only when it gives no sign of life either; one that nobody has signed for, only when it gave one before.
func LeftBehind(ctx context.Context, api *prefect.Client, tags []string, born map[string]time.Time) ([]Left, error) {
	var runs []prefect.FlowRun
	for _, tag := range tags {
		list, err := api.FlowRuns(ctx, prefect.FlowRunFilter{Tags: []string{tag}, States: []string{prefect.StatePending, prefect.StateRunning}})
		if err != nil {
			return nil, err
		}
		runs = append(runs, list...)
	}
	now := api.Now()
	alive, err := workers(ctx, api, runs, now)
	if err != nil {
		return nil, err
	}
	var out []Left
	for _, r := range runs {
		if why := forsaken(r, alive, born, now); why != "" {
			out = append(out, Left{
				ID: r.ID, Name: r.Name, Deployment: r.DeploymentID, State: r.State.Type, Since: r.State.Timestamp, Worker: r.Worker(), Why: why,
				Begun: r.State.Type == prefect.StateRunning,
			})
		}
	}
	return breathless(ctx, api, out, now)
}

// workers gives the pools' workers that are not dead, by pool and name.
func workers(ctx context.Context, api *prefect.Client, runs []prefect.FlowRun, now time.Time) (map[[2]string]bool, error) {
	alive, asked := map[[2]string]bool{}, map[string]bool{}
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
			alive[[2]string{r.WorkPoolName, w.Name}] = w.LastHeartbeat != nil && now.Sub(*w.LastHeartbeat) < silence
		}
	}
	return alive, nil
}

// forsaken tells why nobody works on the run, or nothing.
func forsaken(r prefect.FlowRun, alive map[[2]string]bool, born map[string]time.Time, now time.Time) string {
	worker := r.Worker()
	switch {
	case worker == "" && r.State.Type == prefect.StatePending && now.Sub(r.State.Timestamp) > tooLong:
		return "nobody has signed for it"
	case worker == "" && r.State.Type == prefect.StateRunning && now.Sub(r.State.Timestamp) > tooLong:
		return "it gives no sign of life any more"
	case worker == "":
		return ""
	case !alive[[2]string{r.WorkPoolName, worker}]:
		return fmt.Sprintf("its worker %s is gone", worker)
	case born[worker].After(r.State.Timestamp):
		return fmt.Sprintf("its worker %s has been started anew since", worker)
	default:
		return ""
	}
}

// breathless leaves out runs that are under way and gave a sign of life lately, or that nobody has signed for and never gave one: not every
// release of Prefect does.
func breathless(ctx context.Context, api *prefect.Client, list []Left, now time.Time) ([]Left, error) {
	var begun []string
	for _, l := range list {
		if l.Begun {
			begun = append(begun, l.ID)
		}
	}
	seen, err := api.Heartbeats(ctx, begun, now.Add(-tooLong))
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(l Left) bool {
		_, lives := seen[l.ID]
		return lives || l.Begun && now.Sub(l.Since) < tooLong
	})
	return slices.DeleteFunc(list, func(l Left) bool {
		if !l.Begun || l.Worker != "" || err != nil {
			return false
		}
		var before map[string]time.Time
		before, err = api.Heartbeats(ctx, []string{l.ID}, l.Since.Add(-grace))
		return len(before) == 0
	}), err
}

// StartAgain has a run that was left behind start again, at once. It reads the run first: one that has moved on is not touched, and
// the answer is false.
func StartAgain(ctx context.Context, api *prefect.Client, l Left) (bool, error) {
	run, err := api.FlowRun(ctx, l.ID)
	if err != nil || run.State.Type != l.State || !run.State.Timestamp.Equal(l.Since) {
		return false, err
	}
	answer, err := api.SetFlowRunState(ctx, l.ID, prefect.State{
		Type: prefect.StateScheduled, Name: "Scheduled", Message: "left behind: " + strings.TrimSpace(l.Why),
	}, true)
	return answer.Accepted(), err
}

// Runs is the rung about runs that nobody works on; tags and born are as in [LeftBehind].
func Runs(s verify.Server, tags []string, born map[string]time.Time) ladder.Ladder {
	return ladder.Ladder{{Name: "runs", Needs: []string{verify.RungVersion}, Look: func(ctx context.Context) (ladder.Seen, error) {
		left, err := LeftBehind(ctx, s.API, tags, born)
		switch {
		case err != nil:
			return ladder.Seen{}, err
		case len(left) > 0:
			return ladder.Wrong(fmt.Sprintf("%d left behind, such as %s", len(left), left[0].Name), left[0].Why, "mage flows:reschedule -env="+s.Env)
		default:
			return ladder.Seen{Detail: "none is left behind by a dead worker"}, nil
		}
	}}}
}
