// Package lock makes one process the only one that writes for an owner, across machines, by what a Prefect server has: a lease, or on old servers a
// variable.
//
// Start with [Take]. The lock renews itself until [Lock.Release]; [Break] takes it from somebody else.
package lock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// The times of a lock.
const (
	leaseFor   = 60 * time.Second // the shortest that Prefect gives
	renewEvery = 20 * time.Second
	// releaseWithin is how long giving it back may take: a server on SQLite stalls under load, and later the lease runs out by itself.
	releaseWithin = 30 * time.Second
	// StaleAfter is how long a holder may give no sign of life: a lease, the 15 s after which the server looks for those that ran
	// out, and some slack. A slot that is still taken then was forgotten by a server that restarted.
	StaleAfter = 90 * time.Second
)

// Options are the choices of [Take].
type Options struct {
	Holder Holder // of this process; Since, Lease and Until are filled in
	// Wait is how long to wait for somebody else.
	Wait time.Duration
	// Dead tells whether a holder's process is gone for certain; its lock is taken over at once.
	Dead func(Holder) bool
	// Renew is how often the lock is renewed, 20 s when zero.
	Renew time.Duration
	// Say tells the user what is being waited for; nil is silent.
	Say func(string)
}

// Lock is a held lock.
type Lock struct {
	api     *prefect.Client
	name    names
	lease   prefect.Lease
	leases  bool // the server has them
	holder  Holder
	mark    string // the id of ours
	unsure  bool   // an answer of the server was lost, perhaps with the lease in it
	stop    context.CancelFunc
	stopped sync.WaitGroup
	waited  bool
}

// Waited tells whether the lock was somebody else's at first, who may have written.
func (l *Lock) Waited() bool { return l.waited }

// names are what a lock is called on the server.
type names struct{ limit, variable string }

// namesOf gives an owner's lock. A variable's name holds little, so a hash keeps names apart that look the same in it.
func namesOf(o ownership.Owner) names {
	h := fnv.New32a()
	_, _ = h.Write([]byte(o.Tag())) // a hash takes everything
	plain := strings.Map(func(r rune) rune {
		if r < unicode.MaxASCII && (unicode.IsLower(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, strings.ToLower(o.Project+"_"+o.Env))
	return names{limit: "flowmage:" + o.Project + ":" + o.Env, variable: fmt.Sprintf("flowmage_lock_%s_%08x", plain, h.Sum32())}
}

// Take makes this process the only one that writes for the owner. It gives a context that ends when the lock is lost, with the fault
// as its cause. Somebody else's lock is waited for; after o.Wait a fault of code Refused names the holder.
func Take(ctx context.Context, api *prefect.Client, owner ownership.Owner, o Options) (*Lock, context.Context, error) {
	release, err := api.Release(ctx)
	if err != nil {
		return nil, ctx, err
	}
	l := &Lock{api: api, name: namesOf(owner), holder: o.Holder, leases: release.AtLeast(prefect.Leases())}
	take := l.takeLease
	if !l.leases {
		take = l.takeVariable
	}
	if err := l.wait(ctx, o, take); err != nil {
		return nil, ctx, err
	}
	ctx, cancel := context.WithCancelCause(ctx)
	renewing, stop := context.WithCancel(context.WithoutCancel(ctx))
	l.stop = func() { stop(); cancel(nil) }
	l.stopped.Go(func() { l.keep(renewing, cmp.Or(o.Renew, renewEvery), cancel) })
	return l, ctx, nil
}

// wait tries until the lock is ours, the time is over, or the context ends.
func (l *Lock) wait(ctx context.Context, o Options, take func(context.Context) (bool, error)) error {
	deadline := time.Now().Add(o.Wait)
	var seen watch
	for {
		got, err := take(ctx)
		if got || err != nil {
			return err
		}
		l.waited = true
		m, err := readMark(ctx, l.api, l.name.variable)
		if err != nil {
			return err
		}
		switch freed, err := l.takeOver(ctx, o, m, &seen); {
		case err != nil:
			return err
		case freed:
			continue
		}
		if time.Now().After(deadline) {
			l.unclaim(ctx)
			return l.heldFault(m)
		}
		if !seen.told && o.Say != nil {
			seen.told = true
			o.Say("waiting for the lock, at most " + o.Wait.String() + ": " + l.describe(m))
		}
		select {
		case <-ctx.Done():
			l.unclaim(ctx)
			return ctx.Err()
		case <-time.After(min(time.Second, max(time.Until(deadline), 10*time.Millisecond))):
		}
	}
}

func (l *Lock) heldFault(m mark) error {
	return &fault.Error{
		Code: fault.Refused, What: "another deploy of the same project and environment is under way", Where: l.name.limit,
		Why:  l.describe(m),
		Next: "wait for it and run the same command again (-wait=10m waits longer); `mage deploy:unlock` breaks the lock when you know that it is dead",
	}
}

func (l *Lock) describe(m mark) string {
	if l.unsure && m.id == "" {
		return "an answer of the server was lost, perhaps with the lock in it; it runs out within a minute"
	}
	return m.String()
}

// takeLease tries to get the lease, and signs for it. Where the answer is lost, the lease may be ours without our knowing it; then nobody has
// it until it runs out, and asking again is as safe as it was.
func (l *Lock) takeLease(ctx context.Context) (bool, error) {
	lease, err := l.ask(ctx)
	if errors.Is(err, prefect.ErrLocked) || errors.Is(err, prefect.ErrLeaseUnsure) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	l.lease = lease
	l.holder.Since, l.holder.Lease = time.Now().UTC(), lease.ID
	if err := l.signFirst(ctx); err != nil {
		return false, errors.Join(err, l.api.ReleaseLease(context.WithoutCancel(ctx), lease))
	}
	return true, nil
}

// ask asks for the lease, and once more a few times while answers are lost.
func (l *Lock) ask(ctx context.Context) (prefect.Lease, error) {
	for pause := 50 * time.Millisecond; ; pause *= 4 {
		lease, err := l.api.AcquireLease(ctx, l.name.limit, holderID(l.holder), leaseFor)
		if !errors.Is(err, prefect.ErrLeaseUnsure) {
			return lease, err
		}
		l.unsure = true
		if pause > time.Second {
			return lease, err
		}
		select {
		case <-ctx.Done():
			return lease, ctx.Err()
		case <-time.After(pause):
		}
	}
}

// signFirst writes who holds the lock that was just taken. A mark that is there is of one who has lost it.
func (l *Lock) signFirst(ctx context.Context) error {
	var err error
	for range 5 {
		l.holder.Seen = time.Now().UTC()
		var v prefect.Variable
		if v, err = l.api.MakeVariable(ctx, l.name.variable, l.holder); !prefect.IsConflict(err) {
			l.mark = v.ID
			return err
		}
		m, err := readMark(ctx, l.api, l.name.variable)
		switch {
		case err != nil:
			return err
		case m.known && m.holder.same(l.holder) && m.holder.Lease == l.holder.Lease: // the answer was lost
			l.mark = m.id
			return nil
		case m.id == "":
			continue
		}
		if err := removeMark(ctx, l.api, m.id); err != nil {
			return err
		}
	}
	return err
}

// sign writes that the holder was alive just now.
func (l *Lock) sign(ctx context.Context, m mark) error {
	l.holder.Seen = time.Now().UTC()
	if m.id != "" {
		return l.api.ChangeVariable(ctx, m.id, l.holder)
	}
	v, err := l.api.MakeVariable(ctx, l.name.variable, l.holder)
	if err == nil {
		l.mark = v.ID
	}
	return err
}

// takeVariable is the weaker lock of old servers: who makes the variable has it, until it runs out.
func (l *Lock) takeVariable(ctx context.Context) (bool, error) {
	until := time.Now().UTC().Add(leaseFor)
	if l.holder.Since.IsZero() || l.waited {
		l.holder.Since = time.Now().UTC()
	}
	l.holder.Seen, l.holder.Until = time.Now().UTC(), &until
	v, err := l.api.MakeVariable(ctx, l.name.variable, l.holder)
	if !prefect.IsConflict(err) {
		l.mark = v.ID
		return err == nil, err
	}
	m, err := readMark(ctx, l.api, l.name.variable)
	switch {
	case err != nil || m.id == "":
		return false, err
	case m.known && m.holder.same(l.holder) && m.holder.Since.Equal(l.holder.Since): // the answer was lost
		l.mark = m.id
		return true, nil
	case m.known && m.holder.Until != nil && m.ranOut(l.api):
		return false, removeMark(ctx, l.api, m.id) // if others do so, too, one of us makes the next
	default:
		return false, nil
	}
}

// holderID makes a UUID of a holder; Prefect takes nothing else.
func holderID(h Holder) string {
	sum := fnv.New128a()
	_, _ = fmt.Fprint(sum, h.Host, h.PID, h.Born, h.Boot, h.Space, h.Start) // a hash takes everything
	x := sum.Sum(nil)
	x[6], x[8] = x[6]&0x0f|0x40, x[8]&0x3f|0x80 // a random UUID, as its bits say
	return fmt.Sprintf("%x-%x-%x-%x-%x", x[0:4], x[4:6], x[6:8], x[8:10], x[10:16])
}
