package run

import (
	"context"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/wait"
)

// How often a run's state and log are asked for. Most servers send word of a new state; then it is asked for seldom, in case one was lost.
const (
	poll      = 500 * time.Millisecond
	livePoll  = 5 * time.Second
	drainPoll = 200 * time.Millisecond // the log of a run that is over
)

// Follow prints the run's log and states until it ends.
func Follow(ctx context.Context, s *session.Session, api *prefect.Client, id string) (prefect.FlowRun, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream := api.Follow(ctx, id)
	tick := time.NewTicker(poll)
	defer tick.Stop()
	lines := tail{seen: map[string]bool{}}
	state, news, asked := "", true, time.Now()
	var run prefect.FlowRun
	for {
		if news || !stream.Live() || time.Since(asked) > livePoll {
			var err error
			if run, err = api.FlowRun(ctx, id); err != nil {
				return run, err
			}
			asked = time.Now()
		}
		if name := run.State.Name; name != state {
			state = name
			s.Console.Say("  state %s", name)
		}
		if err := lines.print(ctx, s, api, id); err != nil {
			return run, err
		}
		if run.State.Terminal() {
			return run, drain(ctx, s, api, id, &lines)
		}
		select {
		case <-ctx.Done():
			return run, ctx.Err()
		case <-stream.Stirred:
			news = true
		case <-tick.C:
			news = false
		}
	}
}

// drain prints what is still on its way: workers send logs in batches of about two seconds.
func drain(ctx context.Context, s *session.Session, api *prefect.Client, id string, lines *tail) error {
	_, err := wait.Until(ctx, 2500*time.Millisecond, drainPoll, func() (bool, error) {
		if lines.finished {
			return true, nil
		}
		err := lines.print(ctx, s, api, id)
		return lines.finished, err
	})
	return err
}

// tail prints each log line once.
type tail struct {
	seen     map[string]bool
	last     time.Time
	finished bool // the engine's last line was seen
}

func (t *tail) print(ctx context.Context, s *session.Session, api *prefect.Client, id string) error {
	// Lines may arrive out of order, a few seconds late.
	query := prefect.LogQuery{}
	if !t.last.IsZero() {
		query.After = t.last.Add(-15 * time.Second)
	}
	logs, err := api.Logs(ctx, id, query)
	if err != nil {
		return err
	}
	for _, l := range logs {
		if t.seen[l.ID] {
			continue
		}
		t.seen[l.ID] = true
		if l.Timestamp.After(t.last) {
			t.last = l.Timestamp
		}
		for line := range strings.Lines(l.Message) {
			s.Console.Say("  %s %-7s %s", l.Timestamp.Local().Format(time.TimeOnly), level(l.Level), secret.Line(strings.TrimRight(line, "\r\n")))
		}
		if strings.HasPrefix(l.Message, "Finished in state") && l.TaskRunID == "" {
			t.finished = true
		}
	}
	return nil
}

func level(number int) string {
	switch {
	case number >= 50:
		return "CRITICAL"
	case number >= 40:
		return "ERROR"
	case number >= 30:
		return "WARNING"
	case number >= 20:
		return "INFO"
	default:
		return "DEBUG"
	}
}
