package lock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// errTaken says that the lock is not ours any more, for certain.
var errTaken = errors.New("the lock is not ours any more")

// keep renews the lock until it is stopped, and ends the work when the lock is lost. A renewal that fails for other reasons is tried
// again: while SQLite stalls nobody else can take the lock either. Timers stand still while a machine sleeps, and the lock does not, so the
// clock on the wall decides.
func (l *Lock) keep(ctx context.Context, every time.Duration, lost context.CancelCauseFunc) {
	tick := time.NewTicker(min(every, time.Second))
	defer tick.Stop()
	for last := time.Now().Round(0); ; {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if time.Now().Round(0).Sub(last) < every {
			continue
		}
		last = time.Now().Round(0)
		if err := l.renew(ctx); errors.Is(err, errTaken) && ctx.Err() == nil {
			lost(&fault.Error{
				Code: fault.Refused, What: "the lock was lost in the middle of the work", Where: l.name.limit, Err: err,
				Next: "run the same command again: what is done already is left alone",
			})
			return
		}
	}
}

// renew makes the lock run from now. errTaken is for a lock that somebody else has or had meanwhile.
func (l *Lock) renew(ctx context.Context) error {
	m, err := readMark(ctx, l.api, l.name.variable)
	switch {
	case err != nil:
		return err
	case m.known && (m.holder.Lease != l.holder.Lease || !m.holder.same(l.holder)):
		return fmt.Errorf("%w: %s has it", errTaken, m.holder)
	case l.lease.ID == "" && !m.known:
		return fmt.Errorf("%w: somebody broke it", errTaken)
	case l.lease.ID == "":
		until := time.Now().UTC().Add(leaseFor)
		l.holder.Until = &until
		err := l.sign(ctx, m)
		if prefect.IsNotFound(err) {
			return fmt.Errorf("%w: somebody broke it", errTaken)
		}
		return err
	}
	err = l.api.RenewLease(ctx, l.lease, leaseFor)
	if errors.Is(err, prefect.ErrLeaseGone) {
		err = l.retake(ctx, m.known)
	}
	if err != nil {
		return err
	}
	return l.sign(ctx, m)
}

// retake takes the lease again when it ran out, as it does when the server stalls for longer than it lasts. Our signature is
// still there, so nobody else has held the lock in between: each holder signs, and takes the signature away at the end.
func (l *Lock) retake(ctx context.Context, signed bool) error {
	if !signed {
		return fmt.Errorf("%w: it ran out, and somebody else had it", errTaken)
	}
	lease, err := l.api.AcquireLease(ctx, l.name.limit, holderID(l.holder), leaseFor)
	if errors.Is(err, prefect.ErrLocked) && !l.unsure { // else it may be ours; who has it else signs
		return fmt.Errorf("%w: it ran out, and somebody else takes it", errTaken)
	}
	l.unsure = errors.Is(err, prefect.ErrLeaseUnsure) || l.unsure && err != nil
	if err == nil {
		l.lease, l.holder.Lease = lease, lease.ID
	}
	return err
}

// Release gives the lock back, and takes only our own mark away. It works after the context was cancelled, too.
func (l *Lock) Release(ctx context.Context) error {
	l.stop()
	l.stopped.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	others, err := l.unsign(ctx)
	if l.lease.ID != "" && !others {
		err = errors.Join(err, l.api.ReleaseLease(ctx, l.lease))
	}
	return err
}

// unsign removes the mark if it is ours: by its id and by what it says, since earlier releases write over the mark of others. It tells whether
// it is somebody else's; then the slot is, too.
func (l *Lock) unsign(ctx context.Context) (others bool, err error) {
	m, err := readMark(ctx, l.api, l.name.variable)
	switch {
	case err != nil || m.id == "":
		return false, err
	case !m.known || !m.holder.same(l.holder) || m.holder.Lease != l.holder.Lease:
		return true, nil
	default:
		return false, removeMark(ctx, l.api, m.id)
	}
}

// Discard gives the lock back for good: nothing of it is left on the server. The limit goes last and with the lease in it, so that nobody else has
// the lock before, and nobody's lock is deleted: who wants it next makes the limit anew. It works after the context was cancelled, too.
func (l *Lock) Discard(ctx context.Context) error {
	if l.lease.ID == "" {
		return l.Release(ctx)
	}
	l.stop()
	l.stopped.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	if others, err := l.unsign(ctx); err != nil || others {
		return err
	}
	switch err := l.api.RenewLease(ctx, l.lease, leaseFor); {
	case errors.Is(err, prefect.ErrLeaseGone): // the limit may be somebody else's now
		return nil
	case err != nil:
		return err
	}
	return prefect.IgnoreNotFound(l.api.DeleteLimit(ctx, l.name.limit))
}
