package live

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/wait"
)

// PollGap is longer than runners wait between two questions for runs: 10 s unless set, and a third more at most.
const PollGap = 30 * time.Second

// longSilent is after how long without a question for runs nobody needs to be watched. The time is the server's; that of a proxy on the way,
// or of another server of the same database, may be minutes off.
const longSilent = time.Hour

// Watch finds out which served deployments nobody serves any more.
type Watch struct {
	API   *prefect.Client
	Owner ownership.Owner
	Gap   time.Duration       // pollGap, but for tests
	Begin func()              // is told that it takes a while
	Stays func(x plan.Action) // is told what somebody serves
}

// Silent gives those of the owner's served deployments that nobody serves any more. A program that serves asks for runs every few seconds,
// so what has been asked for not long ago is watched until it is again or a program has had the time to: gap.
func (w Watch) Silent(ctx context.Context, list []plan.Action) ([]plan.Action, error) {
	now, known := w.API.ServerTime(time.Now())
	var out, asked []plan.Action
	for _, x := range list {
		if at := x.Polled(); at == nil || known && now.Sub(*at) > longSilent {
			out = append(out, x)
			continue
		}
		asked = append(asked, x)
	}
	if len(asked) > 0 {
		w.Begin()
	}
	for end := time.Now().Add(w.Gap); len(asked) > 0 && time.Now().Before(end) && wait.For(ctx, time.Second); {
		var err error
		if asked, err = w.stillSilent(ctx, asked); err != nil {
			return nil, err
		}
	}
	return append(out, asked...), ctx.Err()
}

// stillSilent gives those that nobody has asked runs for since they were read. What is gone, or not the owner's any more, is left out.
func (w Watch) stillSilent(ctx context.Context, list []plan.Action) ([]plan.Action, error) {
	there, err := Served(ctx, w.API, w.Owner)
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
			w.Stays(x)
		default:
			out = append(out, x)
		}
	}
	return out, nil
}
