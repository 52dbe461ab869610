package command

import (
	"context"
	"errors"
	"os"
	"os/user"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// holder says who we are, for the lock and for receipts.
func (s *Session) holder(ctx context.Context, command, commit string) lock.Holder {
	host, err := os.Hostname()
	if err != nil {
		host = "an unknown host"
	}
	name := "somebody"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	self, left := identity.Self(ctx), identity.Left(ctx)
	return lock.Holder{
		Who: name + "@" + host, Host: host, PID: self.PID, Born: self.Born, Boot: left.Boot, Space: left.Space, Start: left.Start, Command: command, Commit: commit,
	}
}

// gone tells whether a holder's process has ended for certain. Holders of earlier releases don't say enough of themselves for that.
func gone(ctx context.Context, h lock.Holder) bool {
	return identity.Trace{PID: h.PID, Boot: h.Boot, Space: h.Space, Start: h.Start}.Gone(ctx)
}

// lock takes the owner's lock. The context that comes back ends when the lock is lost.
func (s *Session) lock(ctx context.Context, to server, owner ownership.Owner, h lock.Holder, wait time.Duration) (*lock.Lock, context.Context, error) {
	if err := s.Trusted(); err != nil {
		return nil, nil, err
	}
	s.Engage()
	if wait == 0 {
		wait = defaultWait
	}
	return lock.Take(ctx, to.api, owner, lock.Options{
		Holder: h, Wait: wait,
		Dead: func(other lock.Holder) bool { return gone(ctx, other) },
		Say:  func(text string) { s.Console.Say("%s", text) },
	})
}

// writing is a plan on its way to the server.
type writing struct {
	to      server
	owner   ownership.Owner
	command string // as receipts name it: mage deploy:all
	wait    time.Duration
	plan    plan.Plan
	digests map[string]string // of images in a registry, by deployment
	refusal string            // the command for a new plan, when this one is refused for having become another one; empty: go on with that
	// again makes the plan anew, from what the server holds now; waited says that the lock was somebody else's at first.
	again func(ctx context.Context, waited bool) (plan.Plan, error)
	// agree asks about a plan that has become another one; nil goes on with it.
	agree   func(ctx context.Context, now plan.Plan) error
	workers apply.Workers // that may be ended with their work pool
}

// write executes a plan and reads back. An empty one writes nothing at all. Otherwise the lock is taken, the plan is made again in
// case that the server has moved on, and a receipt is left behind, of a half-finished apply too. It gives the plan that was executed.
func (s *Session) write(ctx context.Context, w writing) (plan.Plan, plan.Result, error) {
	if err := printed.Text(s.Console.Err(), s.Console.Paint, w.plan); err != nil {
		return w.plan, plan.Result{}, err
	}
	if w.plan.Empty() {
		result, err := apply.Apply(ctx, w.to.api, w.plan, apply.Options{})
		return w.plan, result, err
	}
	h := s.holder(ctx, w.command, w.plan.Commit)
	lock, held, err := s.lock(ctx, w.to, w.owner, h, w.wait)
	if err != nil {
		return w.plan, plan.Result{}, err
	}
	plan, result, err := s.writeLocked(held, w, h, lock.Waited())
	if cause := context.Cause(held); err != nil && cause != nil && ctx.Err() == nil {
		err = cause // the lock was lost
	}
	s.unlock(ctx, lock)
	return plan, result, err
}

// unlock gives a lock back. That can fail, for instance while SQLite stalls, and is no reason to call the work failed: a lock runs out,
// and that of an ended process of this machine is taken over at once.
func (s *Session) unlock(ctx context.Context, lock *lock.Lock) {
	if err := lock.Release(ctx); err != nil {
		s.Console.Warn("the lock could not be given back and runs out by itself: %v", err)
	}
}

func (s *Session) writeLocked(ctx context.Context, w writing, h lock.Holder, waited bool) (plan.Plan, plan.Result, error) {
	recall := sync.OnceValues(func() (receipt.Known, error) { return s.recall(ctx, w.to, w.owner) })
	go recall() //nolint:errcheck // asked for its error below
	planned, err := s.remade(ctx, w, waited)
	if err != nil {
		return planned, plan.Result{}, err
	}
	known, err := recall()
	if err != nil {
		return planned, plan.Result{}, err
	}
	if planned.Empty() { // somebody else has done it meanwhile
		result, err := apply.Apply(ctx, w.to.api, planned, apply.Options{})
		return planned, result, err
	}
	unchanged := sync.OnceValues(planned.Unchanged)
	go unchanged() //nolint:errcheck // asked for its error below
	progress := s.progress()
	options := apply.Options{Done: progress.note, Steps: s.steps(w.owner.Project), Judge: afterSteps, Workers: w.workers}
	if w.to.embedded != nil {
		options.Writers = 1 // it runs on SQLite
	}
	result, applied := apply.Apply(ctx, w.to.api, planned, options)
	progress.end(applied)
	// What was written is read back and noted, even when the rest was cut off.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	confirmed, err := apply.Confirm(after, w.to.api, planned, result)
	if err != nil {
		return planned, result, errors.Join(applied, err)
	}
	confirmed.Judge(&result)
	receipt, err := receiptOf(after, w.to, planned, result, confirmed, unchanged, known, h)
	if err != nil {
		return planned, result, errors.Join(applied, err)
	}
	if _, err := receipt.Note(w.digests).Redacted(s.Console.Redacted).Store(after, w.to.api); err != nil {
		s.Console.Warn("the receipt could not be stored, so this deploy can't be rolled back: %v", err)
	}
	return planned, result, applied
}

// receiptOf makes the receipt of a plan that was applied.
func receiptOf(
	ctx context.Context, to server, plan plan.Plan, result plan.Result, confirmed apply.Confirmed, unchanged func() (map[string]string, error),
	known receipt.Known, h lock.Holder,
) (receipt.Receipt, error) {
	hashes, err := unchanged()
	if err != nil {
		return receipt.Receipt{}, err
	}
	others, err := receipt.Others(ctx, to.api, plan, result, known)
	if err != nil {
		return receipt.Receipt{}, err
	}
	return receipt.New(plan, result, receipt.After{Stored: confirmed.States, Unchanged: hashes, Known: known, Others: others}, h)
}

// remade makes the plan anew under the lock, and shows it when it has become another one.
func (s *Session) remade(ctx context.Context, w writing, waited bool) (plan.Plan, error) {
	plan, err := w.again(ctx, waited)
	if err != nil {
		return plan, err
	}
	before, err := w.plan.Fingerprint()
	if err != nil {
		return plan, err
	}
	now, err := plan.Fingerprint()
	switch {
	case err != nil || now == before:
		return plan, err
	case w.refusal != "":
		return plan, movedOn(plan, w.refusal)
	}
	s.Console.Say("the server has changed since; the plan is now:")
	if err := printed.Text(s.Console.Err(), s.Console.Paint, plan); err != nil || w.agree == nil {
		return plan, err
	}
	return plan, w.agree(ctx, plan)
}
