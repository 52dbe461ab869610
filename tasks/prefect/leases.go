package prefect

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"
)

// ErrLocked says that somebody else holds the lease.
var ErrLocked = errors.New("the lease is held")

// ErrLeaseGone says that a lease ran out or was taken away.
var ErrLeaseGone = errors.New("the lease is gone")

// ErrLeaseUnsure says that the answer was lost on its way, a 502 of a proxy's included: the server may have given the lease. Nobody knows it then,
// and it runs out by itself, so asking again is safe.
var ErrLeaseUnsure = errors.New("the answer to the request for the lease was lost")

// Lease is a held slot of a concurrency limit of one. It runs out by itself unless it is renewed.
type Lease struct {
	ID    string
	Limit string // the limit's name
}

// AcquireLease takes the only slot of the limit of that name for so long (60 s to 24 h), and makes the limit when there is none.
// [ErrLocked] says that it is held, [ErrLeaseUnsure] that it may be ours or not. holder is a UUID of the caller's choosing.
//
// Prefect answers 200 for a limit that does not exist, too, with an empty list: nothing is held then.
func (c *Client) AcquireLease(ctx context.Context, limit, holder string, d time.Duration) (Lease, error) {
	for range 2 {
		l, known, err := c.increment(ctx, limit, holder, d)
		if err != nil || known {
			return l, err
		}
		if err := c.CreateLimit(ctx, limit); err != nil {
			return Lease{}, err
		}
	}
	return Lease{}, errors.New("the server made the concurrency limit " + quote(limit) + " and does not know it: is it switched off?")
}

func (c *Client) increment(ctx context.Context, limit, holder string, d time.Duration) (Lease, bool, error) {
	var out struct {
		Lease  string `json:"lease_id"`
		Limits []struct {
			Name string `json:"name"`
		} `json:"limits"`
	}
	got, err := c.do(ctx, call{
		method: http.MethodPost, path: "/v2/concurrency_limits/increment-with-lease", out: &out, once: true, in: map[string]any{
			"slots": 1, "names": []string{limit}, "mode": "concurrency", "lease_duration": d.Seconds(),
			"holder": map[string]any{"type": "deployment", "id": holder},
		},
	})
	switch {
	case hasStatus(err, http.StatusLocked):
		return Lease{}, true, ErrLocked
	case err != nil && ctx.Err() == nil && unsure(got, err):
		return Lease{}, false, fmt.Errorf("%w: %w", ErrLeaseUnsure, err)
	case err != nil:
		return Lease{}, false, err
	case len(out.Limits) == 1 && out.Limits[0].Name == limit:
		return Lease{ID: out.Lease, Limit: limit}, true, nil
	default:
		return Lease{}, false, nil
	}
}

// unsure tells whether the server may have done what it was asked for, though the caller got an error.
func unsure(got httpAnswer, err error) bool {
	if got.status != 0 {
		return got.status == http.StatusBadGateway || got.status == http.StatusGatewayTimeout
	}
	c := causeOf(err)
	return c == causeLost || c == causeSlow
}

// CreateLimit makes a concurrency limit of one slot; one that exists stays.
func (c *Client) CreateLimit(ctx context.Context, name string) error {
	_, err := c.do(ctx, call{method: http.MethodPost, path: "/v2/concurrency_limits/", in: map[string]any{"name": name, "limit": 1}})
	if IsConflict(err) {
		return nil
	}
	return err
}

// RenewLease makes a lease run from now. [ErrLeaseGone] says that it has run out.
func (c *Client) RenewLease(ctx context.Context, l Lease, d time.Duration) error {
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: route("v2", "concurrency_limits", "leases", l.ID, "renew"),
		in: map[string]any{"lease_duration": d.Seconds()},
	})
	if hasStatus(err, http.StatusGone) {
		return ErrLeaseGone
	}
	return err
}

// ReleaseLease gives the slot back. A lease that is gone is fine.
func (c *Client) ReleaseLease(ctx context.Context, l Lease) error {
	_, err := c.do(ctx, call{
		method: http.MethodPost, path: "/v2/concurrency_limits/decrement-with-lease", in: map[string]any{"lease_id": l.ID},
	})
	return err
}

// FreeLimit frees the limit's slot, whoever holds it. It is for a slot that a restarted server forgot to free, and for people
// who know better. [IsNotFound] tells when there is no such limit.
func (c *Client) FreeLimit(ctx context.Context, name string) error {
	return c.patch(ctx, route("v2", "concurrency_limits", name), map[string]any{"active_slots": 0})
}

// DeleteLimit removes a limit; [IsNotFound] tells when there is none. It goes by its id: when the request is repeated, another one may have
// the name.
func (c *Client) DeleteLimit(ctx context.Context, name string) error {
	limit, err := get[GlobalLimit](ctx, c, route("v2", "concurrency_limits", name))
	if err != nil {
		return err
	}
	return c.delete(ctx, route("v2", "concurrency_limits", limit.ID))
}
