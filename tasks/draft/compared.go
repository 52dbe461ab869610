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
	Rendered
	Server session.Server
	Live   plan.Live
	Plan   plan.Plan
}

// Compare makes the plan.
func Compare(ctx context.Context, s *session.Session, r Rendered, to session.Server, state plan.Live) (Compared, error) {
	c := Compared{Rendered: r, Server: to, Live: state}
	var err error
	if c.Plan, err = plan.Diff(r.Owner(), r.Desired, state); err != nil {
		return c, err
	}
	c.Plan.Commit = s.Commit(ctx).Short()
	if len(r.Options.Flags) == 0 { // a preview's deployments have names of their own, and no command line to adopt by
		c.Plan.TakeOver(r.Options.adopting(r.Env.Name))
	}
	for _, b := range r.Blocked {
		c.Plan.Block(b.Name, b.Flow, b.Entrypoint, b.Reasons)
	}
	if len(r.Options.Only) == 0 && (r.Options.File == "" || r.Options.Project != "") {
		c.Plan.Prune(state, r.prune())
	}
	return c, live.Precheck(ctx, to.API, &c.Plan, state)
}

// prune says what may be deleted, where nothing asks for it any more. What was skipped is still asked for.
func (r Rendered) prune() plan.Prune {
	kinds := r.Env.AllKinds()
	if len(r.Skips) > 0 {
		kinds = r.Env.Without(kind.Imaged(kinds)...).AllKinds()
	}
	return plan.Prune{
		On: r.Options.Prune || r.Env.Prune, Kinds: kinds, Unreadable: r.Unreadable,
		Protected: func(flow string) bool { return r.Env.Settings(Names(r.Flows, flow)...).Protect },
		Pools:     r.Options.File == "", Held: r.Env.Protect,
	}
}

// Again compares with what the server holds by now; waited says that somebody else may have written since.
func (c Compared) Again(ctx context.Context, s *session.Session, waited bool) (Compared, error) {
	state, err := c.reread(ctx, waited)
	if err != nil {
		return c, err
	}
	return Compare(ctx, s, c.Rendered, c.Server, state)
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
