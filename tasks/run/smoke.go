package run

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/wait"
)

// ForSmoke finds the environment's deployment to try: by its own name, or by its flow's.
func ForSmoke(planned plan.Plan, name, env string) (plan.Action, error) {
	var known []string
	for _, a := range planned.Actions {
		if a.ID != "" && (a.Name == name || a.Flow == name) {
			return a, nil
		}
		known = append(known, a.Flow)
	}
	return plan.Action{}, &fault.Error{
		Code: fault.Usage, What: fmt.Sprintf("-smoke=%s names no deployment that is there", name), Where: env,
		Next: "name one of: " + strings.Join(known, ", "),
	}
}

// smokePatience bounds a run: a container that can't reach the API gives up by itself after a minute, and an image may have to come first.
const smokePatience = 150 * time.Second

// Smoke starts a run of one deployment with its own parameters and waits for its end. It is the only rung that changes anything. ui is where
// links begin, and needs are the rungs it stands on.
func Smoke(api *prefect.Client, ui, name, id string, needs ...string) ladder.Ladder {
	return ladder.Ladder{{Name: "run of " + name, Needs: needs, Look: func(ctx context.Context) (ladder.Seen, error) { return smoke(ctx, api, ui, name, id) }}}
}

func smoke(ctx context.Context, api *prefect.Client, ui, name, id string) (ladder.Seen, error) {
	run, err := api.CreateFlowRun(ctx, id, prefect.FlowRunRequest{Tags: []string{"flowmage-smoke"}})
	if err != nil {
		return ladder.Seen{}, err
	}
	started := run.ID
	over, err := wait.Until(ctx, smokePatience, 500*time.Millisecond, func() (bool, error) {
		var err error
		run, err = api.FlowRun(ctx, started)
		return run.State.Terminal(), err
	})
	switch {
	case err != nil:
		return ladder.Seen{}, err
	case !over:
		return ladder.Wrong(fmt.Sprintf("the run %s is %s after %s", run.Name, run.State.Name, smokePatience), run.State.Message,
			"look at the worker's log; the run goes on: "+prefect.FlowRunLink(ui, run.ID))
	case run.State.Type == prefect.StateCompleted:
		return ladder.Seen{Detail: fmt.Sprintf("%s completed in %.1f s", run.Name, run.TotalRunTime)}, nil
	}
	why := run.State.Message
	if text, err := lastError(ctx, api, run.ID); err == nil && text != "" {
		why = text
	}
	return ladder.Wrong(fmt.Sprintf("the run %s of %s ended as %s", run.Name, name, run.State.Type), why, "its page has the whole log: "+prefect.FlowRunLink(ui, run.ID))
}

// lastError gives the last line of the run's last error, where alone the reason of a crash stands. Workers send logs in batches every two
// seconds, so it may come late.
func lastError(ctx context.Context, api *prefect.Client, run string) (string, error) {
	var logs []prefect.Log
	told, err := wait.Until(ctx, 3*time.Second, 500*time.Millisecond, func() (bool, error) {
		var err error
		logs, err = api.Logs(ctx, run, prefect.LogQuery{MinLevel: prefect.LevelError})
		return len(logs) > 0, err
	})
	if err != nil || !told {
		return "", err
	}
	return lastLine(logs[len(logs)-1]), nil
}
