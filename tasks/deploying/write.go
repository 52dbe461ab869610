package deploying

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
)

// Writing is a plan on its way to the server.
type Writing struct {
	To      session.Server
	Owner   ownership.Owner
	Command string // as receipts name it: mage deploy:all
	Wait    time.Duration
	Plan    plan.Plan
	Digests map[string]string // of images in a registry, by deployment
	Refusal string            // the command for a new plan, when this one is refused for having become another one; empty: go on with that
	// Again makes the plan anew, from what the server holds now; waited says that the lock was somebody else's at first.
	Again func(ctx context.Context, waited bool) (plan.Plan, error)
	// agree asks about a plan that has become another one; nil goes on with it.
	agree   func(ctx context.Context, now plan.Plan) error
	workers apply.Workers // that may be ended with their work pool
}

// Write executes a plan and reads back. An empty one writes nothing at all. Otherwise the lock is taken, the plan is made again in
// case that the server has moved on, and a receipt is left behind, of a half-finished apply too. It gives the plan that was executed.
func Write(ctx context.Context, s *session.Session, w Writing) (plan.Plan, plan.Result, error) {
	if err := printed.Text(s.Console.Err(), s.Console.Paint, w.Plan); err != nil {
		return w.Plan, plan.Result{}, err
	}
	if w.Plan.Empty() {
		result, err := apply.Apply(ctx, w.To.API, w.Plan, apply.Options{})
		return w.Plan, result, err
	}
	h := holder(ctx, w.Command, w.Plan.Commit)
	lock, held, err := takeLock(ctx, s, w.To, w.Owner, h, w.Wait)
	if err != nil {
		return w.Plan, plan.Result{}, err
	}
	plan, result, err := writeLocked(held, s, w, h, lock.Waited())
	if cause := context.Cause(held); err != nil && cause != nil && ctx.Err() == nil {
		err = cause // the lock was lost
	}
	unlock(ctx, s, lock)
	return plan, result, err
}

func writeLocked(ctx context.Context, s *session.Session, w Writing, h lock.Holder, waited bool) (plan.Plan, plan.Result, error) {
	recall := sync.OnceValues(func() (receipt.Known, error) { return Recall(ctx, s, w.To, w.Owner) })
	go recall() //nolint:errcheck // asked for its error below
	planned, err := remade(ctx, s, w, waited)
	if err != nil {
		return planned, plan.Result{}, err
	}
	known, err := recall()
	if err != nil {
		return planned, plan.Result{}, err
	}
	if planned.Empty() { // somebody else has done it meanwhile
		result, err := apply.Apply(ctx, w.To.API, planned, apply.Options{})
		return planned, result, err
	}
	unchanged := sync.OnceValues(planned.Unchanged)
	go unchanged() //nolint:errcheck // asked for its error below
	progress := newProgress(s)
	options := apply.Options{Done: progress.note, Steps: build.Steps(s, w.Owner.Project), Judge: draft.AfterSteps, Workers: w.workers}
	if w.To.Embedded != nil {
		options.Writers = 1 // it runs on SQLite
	}
	result, applied := apply.Apply(ctx, w.To.API, planned, options)
	progress.end(applied)
	// What was written is read back and noted, even when the rest was cut off.
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	confirmed, err := apply.Confirm(after, w.To.API, planned, result)
	if err != nil {
		return planned, result, errors.Join(applied, err)
	}
	confirmed.Judge(&result)
	receipt, err := receiptOf(after, w.To, planned, result, confirmed, unchanged, known, h)
	if err != nil {
		return planned, result, errors.Join(applied, err)
	}
	if _, err := receipt.Note(w.Digests).Redacted(s.Console.Redacted).Store(after, w.To.API); err != nil {
		s.Console.Warn("the receipt could not be stored, so this deploy can't be rolled back: %v", err)
	}
	return planned, result, applied
}

// receiptOf makes the receipt of a plan that was applied.
func receiptOf(
	ctx context.Context, to session.Server, plan plan.Plan, result plan.Result, confirmed apply.Confirmed, unchanged func() (map[string]string, error),
	known receipt.Known, h lock.Holder,
) (receipt.Receipt, error) {
	hashes, err := unchanged()
	if err != nil {
		return receipt.Receipt{}, err
	}
	others, err := receipt.Others(ctx, to.API, plan, result, known)
	if err != nil {
		return receipt.Receipt{}, err
	}
	return receipt.New(plan, result, receipt.After{Stored: confirmed.States, Unchanged: hashes, Known: known, Others: others}, h)
}

// remade makes the plan anew under the lock, and shows it when it has become another one.
func remade(ctx context.Context, s *session.Session, w Writing, waited bool) (plan.Plan, error) {
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
	if err := printed.Text(s.Console.Err(), s.Console.Paint, plan); err != nil || w.agree == nil {
		return plan, err
	}
	return plan, w.agree(ctx, plan)
}

// manyWrites is from how many deployments on an apply shows its progress.
const manyWrites = 10

// deployProgress shows how far a long apply has come: count, rate and the time that is left.
type deployProgress struct {
	console *console.Console
	step    *console.Step
	start   time.Time
	done    int
}

func newProgress(s *session.Session) *deployProgress {
	return &deployProgress{console: s.Console, start: time.Now()}
}

func (p *deployProgress) note(_ plan.Outcome, total int) {
	if total < manyWrites {
		return
	}
	if p.step == nil {
		p.step = p.console.Begin("writing %s", console.Count(total, "deployment"))
	}
	p.done++
	rate := float64(p.done) / time.Since(p.start).Seconds()
	left := time.Duration(float64(total-p.done) / rate * float64(time.Second)).Round(time.Second)
	p.step.Detail("%d of %d, %.1f a second, %s left", p.done, total, rate, left)
}

func (p *deployProgress) end(err error) {
	switch {
	case p.step == nil:
	case err != nil:
		p.step.Fail()
	default:
		p.step.Done("%s written", console.Count(p.done, "deployment"))
	}
}
