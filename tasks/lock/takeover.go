package lock

import (
	"context"
	"errors"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// watch is what was seen of a foreign lock.
type watch struct {
	signs string // of life
	since time.Time
	told  bool
	freed string // the mark whose dead holder's lock was given back
}

// takeOver frees a lock whose holder is gone: for certain, or because it gave no sign of life for as long as none can.
func (l *Lock) takeOver(ctx context.Context, o Options, m mark, w *watch) (bool, error) {
	if m.known && m.id != w.freed && o.Dead != nil && o.Dead(m.holder) {
		w.freed = m.id
		if m.holder.Lease == "" {
			return true, removeMark(ctx, l.api, m.id)
		}
		// Others may do the same, and one of them may have the lock by now: this lease is not theirs.
		return true, l.api.ReleaseLease(ctx, prefect.Lease{ID: m.holder.Lease, Limit: l.name.limit})
	}
	if signs := m.signs(); signs != w.signs || w.since.IsZero() {
		w.signs, w.since = signs, time.Now()
		return false, nil
	}
	if time.Since(w.since) <= StaleAfter {
		return false, nil
	}
	w.since = time.Time{}
	return l.claim(ctx, m)
}

// claim frees the slot that a forgotten holder left taken. Of several who want to, one may: who signs first. The others see the new mark and wait.
func (l *Lock) claim(ctx context.Context, m mark) (bool, error) {
	if m.id != "" {
		if err := removeMark(ctx, l.api, m.id); err != nil || !l.leases {
			return err == nil, err
		}
	}
	l.holder.Since, l.holder.Seen, l.holder.Lease = time.Now().UTC(), time.Now().UTC(), ""
	v, err := l.api.MakeVariable(ctx, l.name.variable, l.holder)
	if err != nil {
		if prefect.IsConflict(err) {
			err = nil
		}
		return false, err
	}
	l.mark = v.ID
	if m.holder.Lease != "" { // its end would free the slot once more, of the next holder
		if err := l.api.ReleaseLease(ctx, prefect.Lease{ID: m.holder.Lease, Limit: l.name.limit}); err != nil {
			return false, err
		}
	}
	err = freeLimit(ctx, l.api, l.name.limit)
	return err == nil, err
}

// unclaim takes the mark of a claim away that led to nothing. Where that fails the mark goes when the next one finds its process gone.
func (l *Lock) unclaim(ctx context.Context) {
	if l.mark == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), releaseWithin)
	defer cancel()
	_ = removeMark(ctx, l.api, l.mark)
}

// Held tells who holds the owner's lock; ok is false when nobody signed for it.
func Held(ctx context.Context, api *prefect.Client, owner ownership.Owner) (h Holder, ok bool, err error) {
	m, err := readMark(ctx, api, namesOf(owner).variable)
	return m.holder, m.known, err
}

// Break breaks the owner's lock, whoever holds it.
func Break(ctx context.Context, api *prefect.Client, owner ownership.Owner) error {
	name := namesOf(owner)
	m, err := readMark(ctx, api, name.variable)
	if err != nil {
		return err
	}
	return m.unlock(ctx, api, name)
}

// BreakOf breaks the owner's lock if that holder still has it; otherwise it gives a fault of code Refused that says who does.
func BreakOf(ctx context.Context, api *prefect.Client, owner ownership.Owner, h Holder) error {
	name := namesOf(owner)
	m, err := readMark(ctx, api, name.variable)
	if err != nil {
		return err
	}
	if !m.known || !m.holder.same(h) || !m.holder.Since.Equal(h.Since) {
		now := "it was given back"
		if m.id != "" {
			now = m.String()
		}
		return &fault.Error{
			Code: fault.Refused, What: "the lock has changed hands; nothing was broken", Where: name.limit, Why: now,
			Next: "run the same command again, if it is still to be broken",
		}
	}
	return m.unlock(ctx, api, name)
}

// unlock takes the lock from who signed. The lease is revoked where the server still knows it: were the slot freed under it, its end would free
// the slot once more, of the next holder.
func (m mark) unlock(ctx context.Context, api *prefect.Client, name names) error {
	if m.id != "" {
		if err := removeMark(ctx, api, m.id); err != nil {
			return err
		}
	}
	if m.holder.Lease == "" {
		return freeLimit(ctx, api, name.limit)
	}
	lease := prefect.Lease{ID: m.holder.Lease, Limit: name.limit}
	switch err := api.RenewLease(ctx, lease, leaseFor); {
	case errors.Is(err, prefect.ErrLeaseGone): // a server that restarted has forgotten it, and the slot may be taken for ever
		return freeLimit(ctx, api, name.limit)
	case err != nil:
		return err
	}
	return api.ReleaseLease(ctx, lease)
}

// freeLimit frees the slot, whoever has it. Old servers have none.
func freeLimit(ctx context.Context, api *prefect.Client, limit string) error {
	err := api.FreeLimit(ctx, limit)
	if prefect.IsMissingRoute(err) {
		return nil
	}
	return prefect.IgnoreNotFound(err)
}
