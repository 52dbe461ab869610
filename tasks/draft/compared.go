package draft

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/session"
)

// Compared is what the repository wants beside what the server holds, and the plan that follows.
type Compared struct {
	Rendered
	Server session.Server
	Live   deploy.Live
	Plan   deploy.Plan
}

// Compare makes the plan.
func Compare(ctx context.Context, s *session.Session, r Rendered, to session.Server, live deploy.Live) (Compared, error) {
	c := Compared{Rendered: r, Server: to, Live: live}
	plan, err := deploy.Diff(r.Owner(), r.Desired, live)
	if err != nil {
		return c, err
	}
	plan.Commit = s.Commit(ctx).Short()
	if len(r.Options.Flags) == 0 { // a preview's deployments have names of their own, and no command line to adopt by
		plan.TakeOver(r.Options.adopting(r.Env.Name))
	}
	for _, b := range r.Blocked {
		plan.Block(b.Name, b.Flow, b.Entrypoint, b.Reasons)
	}
	if len(r.Options.Only) == 0 && (r.Options.File == "" || r.Options.Project != "") {
		plan.Prune(live, r.prune())
	}
	err = deploy.Precheck(ctx, to.API, &plan, live)
	c.Plan = plan
	return c, err
}

// prune says what may be deleted, where nothing asks for it any more. What was skipped is still asked for.
func (r Rendered) prune() deploy.Prune {
	kinds := r.Env.AllKinds()
	if len(r.Skips) > 0 {
		kinds = r.Env.Without(session.Container).AllKinds()
	}
	return deploy.Prune{
		On: r.Options.Prune || r.Env.Prune, Kinds: kinds, Unreadable: r.Unreadable,
		Protected: func(flow string) bool { return r.Env.Settings(Names(r.Flows, flow)...).Protect },
		Pools:     r.Options.File == "", Held: r.Env.Protect,
	}
}

// Again compares with what the server holds by now; waited says that somebody else may have written since.
func (c Compared) Again(ctx context.Context, s *session.Session, waited bool) (Compared, error) {
	live, err := c.reread(ctx, waited)
	if err != nil {
		return c, err
	}
	return Compare(ctx, s, c.Rendered, c.Server, live)
}

// reread reads again what the plan would change; everything when somebody may have written meanwhile, and when there is next to
// nothing yet.
func (c Compared) reread(ctx context.Context, waited bool) (deploy.Live, error) {
	whole := waited || c.Plan.WritesPools()
	var live deploy.Live
	if !whole { // seldom has it moved on, so both are asked at once
		var group errgroup.Group
		group.Go(func() (err error) { whole, err = c.Live.MovedOn(ctx, c.Server.API, c.Owner()); return err })
		group.Go(func() (err error) { live, err = c.Live.Refresh(ctx, c.Server.API, c.Plan); return err })
		if err := group.Wait(); err != nil {
			return deploy.Live{}, err
		}
	}
	if whole {
		return begin(ctx, c.Server, c.Rendered).Finish(ctx, c.Desired, c.Pools)
	}
	return live, nil
}
