package lock

import (
	"context"
	"errors"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

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
	if err := api.FreeLimit(ctx, limit); err != nil && !prefect.IsNotFound(err) && !prefect.IsMissingRoute(err) {
		return err
	}
	return nil
}
