package command

import (
	"context"
	"fmt"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
)

// RecordOptions are the choices of deploy:history, deploy:rollback, deploy:status and deploy:unlock.
type RecordOptions struct {
	Env      string
	Only     []string
	To       *int // rollback: the receipt's number; nil is the one before the last
	Yes      bool // don't ask
	Wait     time.Duration
	ExitCode bool
	JSON     bool
}

// History shows who deployed what when, the newest last.
func History(ctx context.Context, s *session.Session, o RecordOptions) error {
	_, to, owner, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	list, err := receipt.History(ctx, to.API, owner, 0)
	if err != nil {
		return err
	}
	if o.JSON {
		rows := make([]map[string]any, 0, len(list))
		for _, r := range list {
			rows = append(rows, map[string]any{
				"number": r.Number, "id": r.ID, "at": r.At, "who": r.Who, "command": r.Command, "commit": r.Commit, "summary": r.Summary,
			})
		}
		return s.Console.JSON(rows)
	}
	if len(list) == 0 {
		s.Console.Say("no deploy of %s has left a receipt on %s", owner.Tag(), to.API.URL())
		return nil
	}
	for _, r := range list {
		s.Console.Printf("%4d  %s  %s  %s  %s\n", r.Number, r.At.Local().Format(time.DateTime), r.Who, r.Commit, r.Summary)
	}
	s.Console.Say("with every detail: %s", prefect.ArtifactLink(to.UI, receipt.Key(owner)))
	return nil
}

// Rollback leads definitions back to where an earlier deploy left them, as a plan like any other.
func Rollback(ctx context.Context, s *session.Session, o RecordOptions) error {
	s.WaitFor(o.Wait)
	env, to, _, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	out, err := deploying.Rollback(ctx, s, env, to, deploying.RollbackOptions{To: o.To, Yes: o.Yes, Wait: o.Wait})
	if err != nil {
		return err
	}
	if err := deploying.Report(s, o.JSON, out); err != nil {
		return err
	}
	return deploying.Verdict(out.Plan, out.Result, "the others were rolled back")
}

// DeployStatus tells what differs from the last deploy and from the repository.
func DeployStatus(ctx context.Context, s *session.Session, o RecordOptions) error {
	c, err := draft.Plan(ctx, s, draft.Options{Env: o.Env}, false)
	if err != nil {
		return err
	}
	to, plan := c.Server, c.Plan
	list, err := receipt.History(ctx, to.API, c.Owner(), 0)
	if err != nil {
		return err
	}
	var drift []receipt.Drift
	var last *receipt.Receipt
	if len(list) > 0 {
		last = &list[len(list)-1]
		known, err := deploying.Recall(ctx, s, to, c.Owner())
		if err != nil {
			return err
		}
		if drift, err = receipt.Drifted(ctx, to.API, c.Owner(), known); err != nil {
			return err
		}
	}
	left, err := run.Orphans(ctx, to, c.Owner())
	if err != nil {
		return err
	}
	if err := showStatus(s, o, plan, last, drift, left); err != nil {
		return err
	}
	if o.ExitCode && (len(drift) > 0 || !plan.Empty()) {
		return &fault.Error{Code: fault.Changes, What: "the server is not as the last deploy and the repository want it", Next: "mage deploy:all -env=" + c.Env.Name}
	}
	return nil
}

func showStatus(s *session.Session, o RecordOptions, plan plan.Plan, last *receipt.Receipt, drift []receipt.Drift, left []run.Orphan) error {
	if o.JSON {
		if drift == nil {
			drift = []receipt.Drift{}
		}
		out := map[string]any{"drift": drift, "plan": plan, "left_behind": left}
		if last != nil {
			out["last"] = map[string]any{"number": last.Number, "at": last.At, "who": last.Who, "commit": last.Commit, "summary": last.Summary}
		}
		return s.Console.JSON(out)
	}
	if last == nil {
		s.Console.Printf("last deploy   none has left a receipt\n")
	} else {
		s.Console.Printf("last deploy   number %d at %s by %s, %s\n", last.Number, last.At.Local().Format(time.DateTime), last.Who, last.Commit)
		s.Console.Printf("since then    %s by other hands\n", console.Count(len(drift), "change"))
	}
	for _, x := range drift {
		s.Console.Printf("  %s: %s\n", x.Name, x.What)
	}
	run.ShowOrphans(s, left, plan.Env)
	s.Console.Printf("repository    %s\n", plan.Summary())
	if plan.Empty() {
		return nil
	}
	return printed.Text(s.Console.Out(), s.Console.Paint, plan)
}

// Unlock breaks the lock of a deploy that is dead, after showing whose it is.
func Unlock(ctx context.Context, s *session.Session, o RecordOptions) error {
	_, to, owner, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	h, known, err := lock.Held(ctx, to.API, owner)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Nobody has signed for the lock of %s. Free it anyway?", owner.Tag())
	if known {
		s.Console.Say("%s holds the lock of %s; last sign of life %s", h, owner.Tag(), h.Seen.Local().Format(time.DateTime))
		question = fmt.Sprintf("Break the lock of %s? If that deploy still works, two will write at once.", h.Who)
		if h.Gone(ctx) {
			question = fmt.Sprintf("Break the lock of %s? Its process is gone.", h.Who)
		}
	}
	if err := s.Console.ConfirmUnless(ctx, o.Yes, question); err != nil {
		return err
	}
	if known {
		err = lock.BreakOf(ctx, to.API, owner, h)
	} else {
		err = lock.Break(ctx, to.API, owner)
	}
	if err != nil {
		return err
	}
	s.Console.Printf("unlocked  %s\n", owner.Tag())
	return nil
}
