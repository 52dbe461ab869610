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
	wait, cancel := context.WithTimeout(ctx, smokePatience)
	defer cancel()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for !run.State.Terminal() {
		select {
		case <-wait.Done():
			if ctx.Err() != nil {
				return seen{}, ctx.Err()
			}
			return wrong(fmt.Sprintf("the run %s is %s after %s", run.Name, run.State.Name, smokePatience), run.State.Message,
				"look at the worker's log; the run goes on: "+prefect.FlowRunLink(s.UI, run.ID))
		case <-tick.C:
		}
		if run, err = s.API.FlowRun(ctx, run.ID); err != nil {
			return seen{}, err
		}
	}
	if run.State.Type == prefect.StateCompleted {
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
	late := time.NewTimer(3 * time.Second)
	defer late.Stop()
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		logs, err := s.API.Logs(ctx, run, prefect.LogQuery{MinLevel: prefect.LevelError})
		if err != nil {
			return "", err
		}
		if len(logs) > 0 {
			lines := strings.Split(strings.TrimSpace(logs[len(logs)-1].Message), "\n")
			return lines[len(lines)-1], nil
		}
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-late.C:
			return "", nil
		case <-tick.C:
		}
	}
}
