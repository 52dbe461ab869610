package draft

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Compared is what the repository wants beside what the server holds, and the plan that follows.
type Compared struct {
	Draft  Draft
	Server session.Server
	Live   plan.Live
	Plan   plan.Plan
}

// Plan compares repository and server. start says whether the embedded server may be started for it.
func Plan(ctx context.Context, s *session.Session, o Options, start bool) (Compared, error) {
	env, problems, err := s.Settings(ctx, o.Env)
	if err != nil {
		return Compared{}, err
	}
	if o.Project != "" {
		env.Project = o.Project
	}
	var reading *live.Reading
	all := func() {}
	if !problems.HasErrors() {
		if reading = glance(ctx, s, env); reading != nil {
			defer reading.Stop()
			all = leaveCore(reading)
			defer all()
		}
	}
	d, err := Either(ctx, s, env, problems, o)
	if err != nil {
		return Compared{}, err
	}
	s.Console.Findings(d.Findings)
	if err := d.Stop(o.Strict || d.Env.Name == Production); err != nil {
		return Compared{}, err
	}
	to, err := s.Connect(ctx, d.Env, session.Access{Start: start, Flows: d.Flows, Answered: reading.Answered()})
	if err != nil {
		return Compared{}, err
	}
	if reading != nil && !to.Started && reading.API().URL() == to.API.URL() {
		to.API = reading.API() // it knows the server already
	} else {
		reading = begin(ctx, s, to, d)
	}
	live, err := reading.Finish(ctx, d.Desired, d.pools)
	if err != nil {
		return Compared{}, err
	}
	all()
	c := Compared{Draft: d, Server: to, Live: live}
	c.Plan, err = Compare(ctx, s, to, d, o, live)
	return c, err
}

// Replan makes the plan again under the lock.
func Replan(ctx context.Context, s *session.Session, c Compared, o Options, waited bool) (plan.Plan, error) {
	live, err := reread(ctx, s, c, waited)
	if err != nil {
		return plan.Plan{}, err
	}
	return Compare(ctx, s, c.Server, c.Draft, o, live)
}

// reread reads again what the plan would change; everything when somebody may have written meanwhile, and when there is next to
// nothing yet.
func reread(ctx context.Context, s *session.Session, c Compared, waited bool) (plan.Live, error) {
	whole := waited || c.Plan.WritesPools()
	var state plan.Live
	if !whole { // seldom has it moved on, so both are asked at once
		var group errgroup.Group
		group.Go(func() (err error) {
			whole, err = live.MovedOn(ctx, c.Server.API, c.Live, c.Draft.Owner())
			return err
		})
		group.Go(func() (err error) { state, err = live.Refresh(ctx, c.Server.API, c.Live, c.Plan); return err })
		if err := group.Wait(); err != nil {
			return plan.Live{}, err
		}
	}
	if whole {
		return begin(ctx, s, c.Server, c.Draft).Finish(ctx, c.Draft.Desired, c.Draft.pools)
	}
	return state, nil
}

// begin starts to read what the server holds.
func begin(ctx context.Context, s *session.Session, to session.Server, d Draft) *live.Reading {
	return live.Begin(ctx, to.API, d.Owner(), live.QueuesOf(d.pools))
}

// Compare makes the plan.
func Compare(ctx context.Context, s *session.Session, to session.Server, d Draft, o Options, state plan.Live) (plan.Plan, error) {
	planned, err := plan.Diff(d.Owner(), d.Desired, state)
	if err != nil {
		return plan.Plan{}, err
	}
	planned.Commit = s.Commit(ctx).Short()
	if len(s.Flags) == 0 { // a preview's deployments have names of their own, and no command line to adopt by
		planned.TakeOver(o.takingOver(d.Env.Name))
	}
	for _, b := range d.Blocked {
		planned.Block(b.Name, b.flow, b.entrypoint, b.reasons)
	}
	if len(o.Only) == 0 && (o.File == "" || o.Project != "") {
		kinds := d.Env.AllKinds()
		if d.Skipped {
			kinds = d.Env.Without(kind.Imaged(kinds)...).AllKinds()
		}
		planned.Prune(state, plan.Prune{
			On: o.Prune || d.Env.Prune, Kinds: kinds, Unreadable: d.Unreadable,
			Protected: func(flow string) bool { return d.Env.Settings(d.Names(flow)...).Protect }, Pools: !d.byHand, Held: d.Env.Protect,
		})
	}
	return planned, live.Precheck(ctx, to.API, &planned, state)
}
