package live

import (
	"context"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
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

// slow is how long a server takes at most for a small write when it keeps up with the questions for runs as well.
const slow = 5 * time.Second

// patience is how many gaps long a busy server is watched.
const patience = 10

// Watch finds out which served deployments nobody serves any more.
type Watch struct {
	API   *prefect.Client
	Owner ownership.Owner
	Gap   time.Duration       // PollGap, but for tests
	Begin func()              // is told that it takes a while
	Stays func(x plan.Action) // is told what somebody serves
}

// Silent gives those of the owner's served deployments that nobody serves any more. A program that serves asks for runs every few seconds,
// so what has been asked for not long ago is watched until it is again or a program has had the time to: gap. Time in which the server
// does not get to writing tells nothing, since it notes the questions by writing too: the gap begins again after it. An error is that of a
// server that stays so busy, or can't be asked.
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
	began := time.Now()
	for since := began; len(asked) > 0 && time.Since(since) < w.Gap && wait.For(ctx, time.Second); {
		if time.Since(began) > patience*w.Gap {
			return nil, tooBusy(time.Since(began))
		}
		writes, err := w.writes(ctx, asked)
		if err == nil {
			asked, err = w.stillSilent(ctx, asked)
		}
		if err != nil {
			return nil, err
		}
		if !writes {
			since = time.Now()
		}
	}
	return append(out, asked...), ctx.Err()
}

// writes tells whether the server gets to writing now. Asking it for a flow that is there is a write to its database that changes nothing.
func (w Watch) writes(ctx context.Context, list []plan.Action) (bool, error) {
	i := slices.IndexFunc(list, func(x plan.Action) bool { return x.Flow != "" })
	if i < 0 {
		return true, nil // their flows are gone, and they with them
	}
	busy, began := w.API.Busy(), time.Now()
	_, err := w.API.EnsureFlow(ctx, list[i].Flow)
	return w.API.Busy() == busy && time.Since(began) < slow, err
}

func tooBusy(after time.Duration) error {
	return &fault.Error{
		Code: fault.Server, What: "nobody can tell what is still served",
		Why:  "for " + after.Round(time.Second).String() + " the server has been too busy to note who asks it for runs",
		Next: "run the same command again when the server has less to do",
	}
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
