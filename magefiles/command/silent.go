package command

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// silent gives those of the served deployments that nobody serves any more; the others are named and stay. A program that serves asks for runs
// every few seconds, so who has asked not long ago is watched until it asks again or has had the time to: gap.
func (c *cleaning) silent(ctx context.Context, list []deploy.Action, gap time.Duration) ([]deploy.Action, error) {
	var out, asked []deploy.Action
	for _, a := range list {
		if at := a.Polled(); at != nil && time.Since(*at) < gap+time.Minute { // clocks differ
			asked = append(asked, a)
			continue
		}
		out = append(out, a)
	}
	if len(asked) > 0 {
		c.s.Console.Say("looking for %s whether somebody still serves what has asked for runs not long ago", gap)
	}
	for end := time.Now().Add(gap); len(asked) > 0 && time.Now().Before(end) && sleep(ctx, time.Second); {
		var err error
		if asked, err = c.stillSilent(ctx, asked); err != nil {
			return nil, err
		}
	}
	return append(out, asked...), ctx.Err()
}

// stillSilent gives those that nobody has asked runs for since they were read.
func (c *cleaning) stillSilent(ctx context.Context, list []deploy.Action) ([]deploy.Action, error) {
	var out []deploy.Action
	for _, a := range list {
		now, err := c.to.api.Deployment(ctx, a.ID)
		switch {
		case prefect.IsNotFound(err):
		case err != nil:
			return nil, err
		case now.LastPolled != nil && now.LastPolled.After(*a.Polled()):
			c.s.Console.Warn("%s stays: somebody serves it; end that flows:serve first, then run the same command again", a.Name)
		default:
			out = append(out, a)
		}
	}
	return out, nil
}

// ownWorkers are those of the embedded environment; elsewhere none is ours.
type ownWorkers struct{ to server }

func (c *cleaning) workers() ownWorkers { return ownWorkers{c.to} }

func (w ownWorkers) Of(ctx context.Context, pool string) string {
	if w.to.embedded == nil {
		return ""
	}
	p, _ := w.to.embedded.WorkerOf(ctx, pool)
	return p.Worker
}

func (w ownWorkers) Stop(ctx context.Context, pool string) error {
	if w.to.embedded == nil {
		return nil
	}
	return w.to.embedded.StopWorker(ctx, pool)
}
