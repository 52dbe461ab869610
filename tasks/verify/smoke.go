package verify

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// smokePatience bounds a run: a container that can't reach the API gives up by itself after a minute, and an image may have to come first.
const smokePatience = 150 * time.Second

// Smoke starts a run of one deployment with its own parameters and waits for its end. It is the only rung that changes anything.
func Smoke(s Server, name, id, pool string) Ladder {
	needs := []string{rungVersion}
	if pool != "" {
		needs = append(needs, "worker of "+pool)
	}
	return Ladder{{"run of " + name, needs, func(ctx context.Context) (seen, error) { return s.smoke(ctx, name, id) }}}
}

func (s Server) smoke(ctx context.Context, name, id string) (seen, error) {
	run, err := s.API.CreateFlowRun(ctx, id, prefect.FlowRunRequest{Tags: []string{"flowmage-smoke"}})
	if err != nil {
		return seen{}, err
	}
	started := run.ID
	over, err := until(ctx, smokePatience, 500*time.Millisecond, func() (bool, error) {
		var err error
		run, err = s.API.FlowRun(ctx, started)
		return run.State.Terminal(), err
	})
	switch {
	case err != nil:
		return seen{}, err
	case !over:
		return wrong(fmt.Sprintf("the run %s is %s after %s", run.Name, run.State.Name, smokePatience), run.State.Message,
			"look at the worker's log; the run goes on: "+prefect.FlowRunLink(s.UI, run.ID))
	case run.State.Type == prefect.StateCompleted:
		return seen{detail: fmt.Sprintf("%s completed in %.1f s", run.Name, run.TotalRunTime)}, nil
	}
	why := run.State.Message
	if text, err := s.complaint(ctx, run.ID); err == nil && text != "" {
		why = text
	}
	return wrong(fmt.Sprintf("the run %s of %s ended as %s", run.Name, name, run.State.Type), why, "its page has the whole log: "+prefect.FlowRunLink(s.UI, run.ID))
}

// complaint gives the last line of the run's last error. A crash's reason stands only there. Workers send logs in batches of two
// seconds, so it may come late.
func (s Server) complaint(ctx context.Context, run string) (string, error) {
	var logs []prefect.Log
	told, err := until(ctx, 3*time.Second, 500*time.Millisecond, func() (bool, error) {
		var err error
		logs, err = s.API.Logs(ctx, run, prefect.LogQuery{MinLevel: prefect.LevelError})
		return len(logs) > 0, err
	})
	if err != nil || !told {
		return "", err
	}
	lines := strings.Split(strings.TrimSpace(logs[len(logs)-1].Message), "\n")
	return lines[len(lines)-1], nil
}
