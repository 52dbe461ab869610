package draft

import (
	"context"
	"maps"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// Plan goes the whole chain, from the settings to the plan, and shows what was found on the way. start says whether the embedded server
// may be started for it. The server is read while the repository is.
func Plan(ctx context.Context, s *session.Session, o Options, start bool) (Compared, error) {
	env, problems, err := s.Settings(ctx, o.Env, o.Flags)
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
	r, err := Of(ctx, s, env, problems, o)
	if err != nil {
		return Compared{}, err
	}
	s.Console.Findings(r.Findings)
	if err := r.Stop(r.Strict()); err != nil {
		return Compared{}, err
	}
	to, err := s.Connect(ctx, r.Env, session.Access{Start: start, Flows: r.Flows, Answered: reading.Answered()})
	if err != nil {
		return Compared{}, err
	}
	if reading != nil && !to.Running.Started && reading.API().URL() == to.API.URL() {
		to.API = reading.API() // it knows the server already
	} else {
		reading = begin(ctx, to, r)
	}
	state, err := reading.Finish(ctx, r.Desired, r.Pools)
	if err != nil {
		return Compared{}, err
	}
	all()
	c, err := compared(ctx, r, to, state, s.Commit(ctx).Short())
	s.Console.Findings(c.Policed)
	return c, err
}

// compared compares, and has the server tell what a plan needs to know that follows from no listing: what it refers to, and who uses what is
// to go.
func compared(ctx context.Context, r Rendered, to session.Server, state plan.Live, commit string) (Compared, error) {
	r, err := withVariables(ctx, to, r)
	if err != nil {
		return Compared{}, err
	}
	c, err := compare(r, to, state, commit)
	if err != nil {
		return c, err
	}
	if err := live.Precheck(ctx, to.API, &c.Plan, state); err != nil {
		return c, err
	}
	c.Policed = c.law.Apply(c.decree.planned(c.Plan))
	return c, nil
}

// Repinned makes the plan again for images that have become others than was planned, and leaves out what can't have its own.
func (c Compared) Repinned(ctx context.Context, s *session.Session, p Pinned) (Compared, error) {
	if maps.Equal(c.References(), p.References()) {
		c.Pinned = p
		return c, nil
	}
	r, err := Render(s.Tree(), p)
	if err != nil {
		return c, err
	}
	return compared(ctx, r, c.Server, c.Live, c.Plan.Commit)
}

// Again makes the plan again, from what the server holds by now; waited says that somebody else may have written since.
func (c Compared) Again(ctx context.Context, waited bool) (Compared, error) {
	state, err := c.reread(ctx, waited)
	if err != nil {
		return c, err
	}
	return compared(ctx, c.Rendered, c.Server, state, c.Plan.Commit)
}

// Adopted makes the plan that follows once what can be adopted is ours.
func (c Compared) Adopted(ctx context.Context) (Compared, error) {
	return compared(ctx, c.Rendered, c.Server, c.Live.AsAdopted(c.Plan), c.Plan.Commit)
}

// reread reads again what the plan would change; everything when somebody may have written meanwhile, and when there is next to
// nothing yet.
func (c Compared) reread(ctx context.Context, waited bool) (plan.Live, error) {
	whole := waited || c.Plan.WritesPools()
	var state plan.Live
	if !whole { // seldom has it moved on, so both are asked at once
		var group errgroup.Group
		group.Go(func() (err error) { whole, err = live.MovedOn(ctx, c.Server.API, c.Live, c.Owner()); return err })
		group.Go(func() (err error) { state, err = live.Refresh(ctx, c.Server.API, c.Live, c.Plan); return err })
		if err := group.Wait(); err != nil {
			return plan.Live{}, err
		}
	}
	if whole {
		return begin(ctx, c.Server, c.Rendered).Finish(ctx, c.Desired, c.Pools)
	}
	return state, nil
}
