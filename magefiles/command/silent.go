package command

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// pollGap is longer than runners wait between two questions for runs: 10 s unless set, and a third more at most.
const pollGap = 30 * time.Second

// longSilent is after how long without a question for runs nobody needs to be watched. The time is the server's; that of a proxy on the way,
// or of another server of the same database, may be minutes off.
const longSilent = time.Hour

// watching finds out which served deployments nobody serves any more.
type watching struct {
	api   *prefect.Client
	owner ownership.Owner
	gap   time.Duration       // pollGap, but for tests
	begin func()              // is told that it takes a while
	stays func(x plan.Action) // is told what somebody serves
}

// silent gives those of the owner's served deployments that nobody serves any more. A program that serves asks for runs every few seconds,
// so what has been asked for not long ago is watched until it is again or a program has had the time to: gap.
func (w watching) silent(ctx context.Context, list []plan.Action) ([]plan.Action, error) {
	now, known := w.api.ServerTime(time.Now())
	var out, asked []plan.Action
	for _, x := range list {
		if at := x.Polled(); at == nil || known && now.Sub(*at) > longSilent {
			out = append(out, x)
			continue
		}
		asked = append(asked, x)
	}
	if len(asked) > 0 {
		w.begin()
	}
	for end := time.Now().Add(w.gap); len(asked) > 0 && time.Now().Before(end) && sleep(ctx, time.Second); {
		var err error
		if asked, err = w.stillSilent(ctx, asked); err != nil {
			return nil, err
		}
	}
	return append(out, asked...), ctx.Err()
}

// stillSilent gives those that nobody has asked runs for since they were read. What is gone, or not the owner's any more, is left out.
func (w watching) stillSilent(ctx context.Context, list []plan.Action) ([]plan.Action, error) {
	there, err := live.Served(ctx, w.api, w.owner)
	if err != nil {
		return nil, err
	}
	polled := map[string]*time.Time{}
	for _, x := range there {
		polled[x.ID] = x.Polled()
	}
	var out []plan.Action
	for _, x := range list {
		switch at := polled[x.ID]; {
		case at == nil:
		case at.After(*x.Polled()):
			w.stays(x)
		default:
			out = append(out, x)
		}
	}
	return out, nil
}

// watching names what a clean can't delete, because somebody serves it.
func (c *cleaning) watching() watching {
	return watching{
		api: c.to.api, owner: c.owner, gap: pollGap,
		begin: func() {
			c.s.Console.Say("looking for %s whether somebody still serves what has asked for runs not long ago", pollGap)
		},
		stays: func(x plan.Action) {
			c.s.Console.Warn("%s stays: somebody serves it; end that flows:serve first, then run the same command again", x.Name)
		},
	}
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
