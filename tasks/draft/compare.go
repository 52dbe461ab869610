package draft

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/session"
)

// Compared is what the repository wants beside what the server holds, and the plan that follows.
type Compared struct {
	Draft  Draft
	Server session.Server
	Live   deploy.Live
	Plan   deploy.Plan
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
	var reading *deploy.Reading
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
	if reading != nil && !to.Running.Started && reading.API().URL() == to.API.URL() {
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
func Replan(ctx context.Context, s *session.Session, c Compared, o Options, waited bool) (deploy.Plan, error) {
	live, err := reread(ctx, s, c, waited)
	if err != nil {
		return deploy.Plan{}, err
	}
	return Compare(ctx, s, c.Server, c.Draft, o, live)
}

// reread reads again what the plan would change; everything when somebody may have written meanwhile, and when there is next to
// nothing yet.
func reread(ctx context.Context, s *session.Session, c Compared, waited bool) (deploy.Live, error) {
	whole := waited || c.Plan.WritesPools()
	var live deploy.Live
	if !whole { // seldom has it moved on, so both are asked at once
		var group errgroup.Group
		group.Go(func() (err error) { whole, err = c.Live.MovedOn(ctx, c.Server.API, c.Draft.Owner()); return err })
		group.Go(func() (err error) { live, err = c.Live.Refresh(ctx, c.Server.API, c.Plan); return err })
		if err := group.Wait(); err != nil {
			return deploy.Live{}, err
		}
	}
	if whole {
		return begin(ctx, s, c.Server, c.Draft).Finish(ctx, c.Draft.Desired, c.Draft.pools)
	}
	return live, nil
}

// begin starts to read what the server holds.
func begin(ctx context.Context, s *session.Session, to session.Server, d Draft) *deploy.Reading {
	return deploy.Begin(ctx, to.API, d.Owner(), deploy.QueuesOf(d.pools))
}

// Compare makes the plan.
func Compare(ctx context.Context, s *session.Session, to session.Server, d Draft, o Options, live deploy.Live) (deploy.Plan, error) {
	plan, err := deploy.Diff(d.Owner(), d.Desired, live)
	if err != nil {
		return deploy.Plan{}, err
	}
	plan.Commit = s.Commit(ctx).Short()
	if len(s.Flags) == 0 { // a preview's deployments have names of their own, and no command line to adopt by
		plan.TakeOver(o.takingOver(d.Env.Name))
	}
	for _, b := range d.Blocked {
		plan.Block(b.Name, b.flow, b.entrypoint, b.reasons)
	}
	if len(o.Only) == 0 && (o.File == "" || o.Project != "") {
		kinds := d.Env.AllKinds()
		if d.Skipped {
			kinds = d.Env.Without(session.Container).AllKinds()
		}
		plan.Prune(live, deploy.Prune{
			On: o.Prune || d.Env.Prune, Kinds: kinds, Unreadable: d.Unreadable,
			Protected: func(flow string) bool { return d.Env.Settings(d.Names(flow)...).Protect }, Pools: !d.byHand, Held: d.Env.Protect,
		})
	}
	return plan, deploy.Precheck(ctx, to.API, &plan, live)
}
