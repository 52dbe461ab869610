package deploying

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/session"
)

// Writing is a plan on its way to the server.
type Writing struct {
	To      session.Server
	Owner   deploy.Owner
	Command string // as receipts name it: mage deploy:all
	Wait    time.Duration
	Plan    deploy.Plan
	Digests map[string]string // of images in a registry, by deployment
	Refusal string            // the command for a new plan, when this one is refused for having become another one; empty: go on with that
	// again makes the plan anew, from what the server holds now; waited says that the lock was somebody else's at first.
	Again func(ctx context.Context, waited bool) (deploy.Plan, error)
	// agree asks about a plan that has become another one; nil goes on with it.
	agree   func(ctx context.Context, now deploy.Plan) error
	workers deploy.Workers // that may be ended with their work pool
}

// Write executes a plan and reads back. An empty one writes nothing at all. Otherwise the lock is taken, the plan is made again in
// case that the server has moved on, and a receipt is left behind, of a half-finished apply too. It gives the plan that was executed.
func Write(ctx context.Context, s *session.Session, w Writing) (deploy.Plan, deploy.Result, error) {
	if err := w.Plan.WriteText(s.Console.Err(), s.Console.Paint); err != nil {
		return w.Plan, deploy.Result{}, err
	}
	if w.Plan.Empty() {
		result, err := deploy.Apply(ctx, w.To.API, w.Plan, deploy.ApplyOptions{})
		return w.Plan, result, err
	}
	h := holder(ctx, s, w.Command, w.Plan.Commit)
	lock, held, err := takeLock(ctx, s, w.To, w.Owner, h, w.Wait)
	if err != nil {
		return w.Plan, deploy.Result{}, err
	}
	plan, result, err := writeLocked(held, s, w, h, lock.Waited())
	if cause := context.Cause(held); err != nil && cause != nil && ctx.Err() == nil {
		err = cause // the lock was lost
	}
	unlock(ctx, s, lock)
	return plan, result, err
}

func writeLocked(ctx context.Context, s *session.Session, w Writing, h deploy.Holder, waited bool) (deploy.Plan, deploy.Result, error) {
	recall := sync.OnceValues(func() (deploy.Known, error) { return Recall(ctx, s, w.To, w.Owner) })
	go recall() //nolint:errcheck // asked for its error below
	plan, err := remade(ctx, s, w, waited)
	if err != nil {
		return plan, deploy.Result{}, err
	}
	known, err := recall()
	if err != nil {
		return plan, deploy.Result{}, err
	}
	if plan.Empty() { // somebody else has done it meanwhile
		result, err := deploy.Apply(ctx, w.To.API, plan, deploy.ApplyOptions{})
		return plan, result, err
	}
	unchanged := sync.OnceValues(plan.Unchanged)
	go unchanged() //nolint:errcheck // asked for its error below
	progress := newProgress(s)
	options := deploy.ApplyOptions{Done: progress.note, Steps: build.Steps(s, w.Owner.Project), Judge: draft.AfterSteps, Workers: w.workers}
	if w.To.Embedded != nil {
		options.Writers = 1 // it runs on SQLite
	}
	result, applied := deploy.Apply(ctx, w.To.API, plan, options)
	progress.end(applied)
	// What was written is read back and noted, even when the rest was cut off.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	confirmed, err := deploy.Confirm(after, w.To.API, plan, result)
	if err != nil {
		return plan, result, errors.Join(applied, err)
	}
	confirmed.Judge(&result)
	receipt, err := receiptOf(after, w.To, plan, result, confirmed, unchanged, known, h)
	if err != nil {
		return plan, result, errors.Join(applied, err)
	}
	if _, err := receipt.Note(w.Digests).Redacted(s.Console.Redacted).Store(after, w.To.API); err != nil {
		s.Console.Warn("the receipt could not be stored, so this deploy can't be rolled back: %v", err)
	}
	return plan, result, applied
}

// receiptOf makes the receipt of a plan that was applied.
func receiptOf(
	ctx context.Context, to session.Server, plan deploy.Plan, result deploy.Result, confirmed deploy.Confirmed, unchanged func() (map[string]string, error),
	known deploy.Known, h deploy.Holder,
) (deploy.Receipt, error) {
	hashes, err := unchanged()
	if err != nil {
		return deploy.Receipt{}, err
	}
	others, err := plan.Others(ctx, to.API, result, known)
	if err != nil {
		return deploy.Receipt{}, err
	}
	return deploy.NewReceipt(plan, result, deploy.After{Stored: confirmed.States, Unchanged: hashes, Known: known, Others: others}, h)
}

// remade makes the plan anew under the lock, and shows it when it has become another one.
func remade(ctx context.Context, s *session.Session, w Writing, waited bool) (deploy.Plan, error) {
	plan, err := w.Again(ctx, waited)
	if err != nil {
		return plan, err
	}
	before, err := w.Plan.Fingerprint()
	if err != nil {
		return plan, err
	}
	now, err := plan.Fingerprint()
	switch {
	case err != nil || now == before:
		return plan, err
	case w.Refusal != "":
		return plan, movedOn(plan, w.Refusal)
	}
	s.Console.Say("the server has changed since; the plan is now:")
	if err := plan.WriteText(s.Console.Err(), s.Console.Paint); err != nil || w.agree == nil {
		return plan, err
	}
	return plan, w.agree(ctx, plan)
}
