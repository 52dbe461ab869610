package deploying

import (
	"context"
	"fmt"
	"path"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tree"
)

// RollbackOptions are the choices of deploy:rollback.
type RollbackOptions struct {
	To   *int // the receipt's number; nil is the one before the last
	Yes  bool // don't ask
	Wait time.Duration
}

// Rollback leads definitions back to where an earlier deploy left them, as a plan like any other. It asks before it writes.
func Rollback(ctx context.Context, s *session.Session, env config.Env, to session.Server, o RollbackOptions) (Deployed, error) {
	owner := session.OwnerOf(env)
	history, err := receipt.History(ctx, to.API, owner, 0)
	if err != nil {
		return Deployed{}, err
	}
	number := len(history) - 1
	if o.To != nil {
		number = *o.To
	}
	planned, notes, err := live.Rollback(ctx, to.API, owner, history, number)
	if err != nil {
		return Deployed{}, err
	}
	for _, n := range append(notes, missingCode(s, planned)...) {
		s.Console.Warn("%s", n)
	}
	if !planned.Empty() {
		if err := printed.Text(s.Console.Err(), s.Console.Paint, planned); err != nil {
			return Deployed{}, err
		}
		if err := s.Console.ConfirmUnless(ctx, o.Yes, fmt.Sprintf("Roll %s on %s back to this?", owner.Tag(), to.API.URL())); err != nil {
			return Deployed{}, err
		}
	}
	out := Deployed{Compared: draft.Compared{Server: to}}
	out.Plan, out.Result, err = Write(ctx, s, Writing{
		To: to, Owner: owner, Command: fmt.Sprintf("mage deploy:rollback -to=%d -env=%s", number, env.Name), Wait: o.Wait, Plan: planned,
		Again: func(ctx context.Context, _ bool) (plan.Plan, error) {
			planned, _, err := live.Rollback(ctx, to.API, owner, history, number)
			planned.Commit = s.Commit(ctx).Short()
			return planned, err
		},
	})
	return out, err
}

// missingCode tells of deployments whose entrypoint's file is not in the repository any more.
func missingCode(s *session.Session, planned plan.Plan) []string {
	var out []string
	for _, a := range planned.Actions {
		leads, _ := manifest.ParseEntrypoint(a.Entrypoint)
		if a.Op == plan.Delete || leads.Script == "" { // a module may be installed from anywhere
			continue
		}
		if !tree.Exists(s.Tree(), path.Clean(leads.Script)) {
			out = append(out, fmt.Sprintf("%s: its code %s is not in the repository; a rollback restores definitions, not code", a.Name, leads.Script))
		}
	}
	return out
}
