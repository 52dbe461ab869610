package deploy

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// The times of a lock.
const (
	leaseFor   = 60 * time.Second // the shortest that Prefect gives
	renewEvery = 20 * time.Second
	// StaleAfter is how long a holder may give no sign of life: a lease, the 15 s after which the server looks for those that ran
	// out, and some slack. A slot that is still taken then was forgotten by a server that restarted.
	StaleAfter = 90 * time.Second
)

// Holder says who holds a lock, for people and for the next one who wants it. It is stored beside the lease as a variable.
type Holder struct {
	Who     string    `json:"who"` // user@host
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Born    int64     `json:"born"` // of the process, in milliseconds since 1970
	Command string    `json:"command"`
	Commit  string    `json:"commit,omitempty"`
	Since   time.Time `json:"since"`
	Seen    time.Time `json:"seen"` // when it last gave a sign of life
	Lease   string    `json:"lease,omitempty"`
	// Until is when a lock without a lease runs out; servers before 3.4.9 have no leases.
	Until *time.Time `json:"until,omitempty"`
}

// String gives "anna@build-3 (process 4711, mage deploy:all) since 14:02:11".
func (h Holder) String() string {
	return fmt.Sprintf("%s (process %d, %s) since %s", h.Who, h.PID, h.Command, h.Since.Local().Format(time.DateTime))
}

// LockOptions are the choices of [Lock].
type LockOptions struct {
	Holder Holder // of this process; Since, Lease and Until are filled in
	// Wait is how long to wait for somebody else.
	Wait time.Duration
	// Dead tells whether a holder is a process of this machine that is gone; its lock is taken over at once.
	Dead func(Holder) bool
	// Renew is how often the lock is renewed, 20 s when zero.
	Renew time.Duration
	// Say tells the user what is being waited for; nil is silent.
	Say func(string)
}

// Locked is a held lock.
type Locked struct {
	api     *prefect.Client
	name    names
	lease   prefect.Lease
	holder  Holder
	stop    context.CancelFunc
	stopped sync.WaitGroup
	waited  bool
}

// Waited tells whether the lock was somebody else's at first, who may have written.
func (l *Locked) Waited() bool { return l.waited }

// names are what a lock is called on the server.
type names struct{ limit, variable string }

// namesOf gives an owner's lock. A variable's name holds little, so a hash keeps names apart that look the same in it.
func namesOf(o Owner) names {
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

// Lock makes this process the only one that writes for the owner. It gives a context that ends when the lock is lost, with the fault
// as its cause. Somebody else's lock is waited for; after o.Wait a fault of code Refused names the holder.
func Lock(ctx context.Context, api *prefect.Client, owner Owner, o LockOptions) (*Locked, context.Context, error) {
	version, err := api.Version(ctx)
	if err != nil {
		return nil, ctx, err
	}
	release, err := prefect.ParseRelease(version)
	if err != nil {
		return nil, ctx, err
	}
	l := &Locked{api: api, name: namesOf(owner), holder: o.Holder}
	take := l.takeLease
	if !release.AtLeast(prefect.Leases()) {
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
func (l *Locked) wait(ctx context.Context, o LockOptions, take func(context.Context) (bool, error)) error {
	deadline := time.Now().Add(o.Wait)
	var seen watch
	for {
		got, err := take(ctx)
		if got || err != nil {
			return err
		}
		l.waited = true
		h, known, err := l.look(ctx)
		if err != nil {
			return err
		}
		if freed, err := l.takeOver(ctx, o, h, known, &seen); err != nil || freed {
			if err != nil {
				return err
			}
			continue
		}
		if time.Now().After(deadline) {
			return l.heldFault(h, known)
		}
		if !seen.told && o.Say != nil {
			seen.told = true
			o.Say("waiting for the lock: " + describeHolder(h, known))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(min(time.Second, max(time.Until(deadline), 10*time.Millisecond))):
		}
	}
}

// watch is what was seen of a foreign lock.
type watch struct {
	sign    string // of life: changes whenever the holder renews
	since   time.Time
	told    bool
	release bool // the dead holder's lease was given back once
}

// takeOver frees a lock whose holder is gone for certain.
func (l *Locked) takeOver(ctx context.Context, o LockOptions, h Holder, known bool, w *watch) (bool, error) {
	if known && o.Dead != nil && o.Dead(h) {
		if !w.release && h.Lease != "" {
			w.release = true
			return true, l.api.ReleaseLease(ctx, prefect.Lease{ID: h.Lease, Limit: l.name.limit})
		}
		return true, l.free(ctx)
	}
	sign := fmt.Sprint(h.Lease, h.Seen, h.Until, known)
	if sign != w.sign || w.since.IsZero() {
		w.sign, w.since = sign, time.Now()
		return false, nil
	}
	if time.Since(w.since) > StaleAfter {
		return true, l.free(ctx)
	}
	return false, nil
}

// free takes the lock away from whoever holds it.
func (l *Locked) free(ctx context.Context) error {
	if err := l.api.FreeLimit(ctx, l.name.limit); err != nil && !prefect.IsNotFound(err) && !prefect.IsMissingRoute(err) {
		return err
	}
	if err := l.api.DeleteVariable(ctx, l.name.variable); err != nil && !prefect.IsNotFound(err) {
		return err
	}
	return nil
}

func (l *Locked) heldFault(h Holder, known bool) error {
	return &fault.Error{
		Code: fault.Refused, What: "another deploy of the same project and environment is under way", Where: l.name.limit,
		Why: describeHolder(h, known), Next: "wait for it and run the same command again; `mage deploy:unlock` breaks the lock when you know that it is dead",
	}
}

func describeHolder(h Holder, known bool) string {
	if !known {
		return "somebody who left no name holds it"
	}
	return h.String() + " holds it"
}

// takeLease tries to get the lease, and signs for it.
func (l *Locked) takeLease(ctx context.Context) (bool, error) {
	lease, err := l.api.AcquireLease(ctx, l.name.limit, holderID(l.holder), leaseFor)
	if errors.Is(err, prefect.ErrLocked) {
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

// sign writes who holds the lock, and that it was alive just now.
func (l *Locked) sign(ctx context.Context) error {
	l.holder.Seen = time.Now().UTC()
	err := l.api.SetVariable(ctx, l.name.variable, l.holder)
	if prefect.IsNotFound(err) {
		return l.api.CreateVariable(ctx, l.name.variable, l.holder)
	}
	return err
}

// signFirst is sign for a lock that was just taken: usually nobody's signature is there.
func (l *Locked) signFirst(ctx context.Context) error {
	l.holder.Seen = time.Now().UTC()
	err := l.api.CreateVariable(ctx, l.name.variable, l.holder)
	if prefect.IsConflict(err) {
		return l.sign(ctx)
	}
	return err
}

// takeVariable is the weaker lock of old servers: who makes the variable has it, until it runs out. Two who take over a lock that
// ran out at the very same moment may both believe to have it.
func (l *Locked) takeVariable(ctx context.Context) (bool, error) {
	until := time.Now().UTC().Add(leaseFor)
	l.holder.Since, l.holder.Seen, l.holder.Until = time.Now().UTC(), time.Now().UTC(), &until
	err := l.api.CreateVariable(ctx, l.name.variable, l.holder)
	if !prefect.IsConflict(err) {
		return err == nil, err
	}
	h, known, err := l.look(ctx)
	if err != nil || !known || h.Until == nil || time.Now().Before(h.Until.Add(leaseFor/2)) {
		return false, err
	}
	if err := l.api.DeleteVariable(ctx, l.name.variable); err != nil && !prefect.IsNotFound(err) {
		return false, err
	}
	return false, nil
}

// look reads who holds the lock.
func (l *Locked) look(ctx context.Context) (Holder, bool, error) {
	v, there, err := l.api.Variable(ctx, l.name.variable)
	if err != nil || !there {
		return Holder{}, false, err
	}
	var h Holder
	if err := json.Unmarshal(v.Value, &h); err != nil {
		return Holder{}, false, nil //nolint:nilerr // somebody wrote something else there; then nobody is known
	}
	return h, true, nil
}

// errTaken says that the lock is not ours any more, for certain.
var errTaken = errors.New("the lock is not ours any more")

// keep renews the lock until it is stopped, and ends the work when the lock is lost. A renewal that fails for other reasons is tried
// again: while SQLite stalls nobody else can take the lock either.
func (l *Locked) keep(ctx context.Context, every time.Duration, lost context.CancelCauseFunc) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
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
func (l *Locked) renew(ctx context.Context) error {
	now, known, err := l.look(ctx)
	switch {
	case err != nil:
		return err
	case known && (now.Lease != l.holder.Lease || now.PID != l.holder.PID || now.Host != l.holder.Host):
		return fmt.Errorf("%w: %s has it", errTaken, now)
	case l.lease.ID == "" && !known:
		return fmt.Errorf("%w: somebody broke it", errTaken)
	case l.lease.ID == "":
		until := time.Now().UTC().Add(leaseFor)
		l.holder.Until = &until
		return l.sign(ctx)
	}
	err = l.api.RenewLease(ctx, l.lease, leaseFor)
	if errors.Is(err, prefect.ErrLeaseGone) {
		err = l.retake(ctx, known)
	}
	if err != nil {
		return err
	}
	return l.sign(ctx)
}

// retake takes the lease again when it ran out, as it does when the server stalls for longer than it lasts. Our signature is
// still there, so nobody else has held the lock in between: each holder signs, and takes the signature away at the end.
func (l *Locked) retake(ctx context.Context, signed bool) error {
	if !signed {
		return fmt.Errorf("%w: it ran out, and somebody else had it", errTaken)
	}
	lease, err := l.api.AcquireLease(ctx, l.name.limit, holderID(l.holder), leaseFor)
	if errors.Is(err, prefect.ErrLocked) {
		return fmt.Errorf("%w: it ran out, and somebody else takes it", errTaken)
	}
	if err == nil {
		l.lease, l.holder.Lease = lease, lease.ID
	}
	return err
}

// Release gives the lock back. It works after the context was cancelled, too.
func (l *Locked) Release(ctx context.Context) error {
	l.stop()
	l.stopped.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err := l.api.DeleteVariable(ctx, l.name.variable)
	if prefect.IsNotFound(err) {
		err = nil
	}
	if l.lease.ID != "" {
		err = errors.Join(err, l.api.ReleaseLease(ctx, l.lease))
	}
	return err
}

// Discard gives the lock back for good: nothing of it is left on the server. The limit goes last and with the lease in it, so that nobody else has
// the lock before, and nobody's lock is deleted: who wants it next makes the limit anew. It works after the context was cancelled, too.
func (l *Locked) Discard(ctx context.Context) error {
	if l.lease.ID == "" {
		return l.Release(ctx)
	}
	l.stop()
	l.stopped.Wait()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if err := l.api.DeleteVariable(ctx, l.name.variable); err != nil && !prefect.IsNotFound(err) {
		return err
	}
	if err := l.api.DeleteLimit(ctx, l.name.limit); err != nil && !prefect.IsNotFound(err) {
		return err
	}
	return nil
}

// Held tells who holds the owner's lock; ok is false when nobody signed for it.
func Held(ctx context.Context, api *prefect.Client, owner Owner) (h Holder, ok bool, err error) {
	l := &Locked{api: api, name: namesOf(owner)}
	return l.look(ctx)
}

// Unlock breaks the owner's lock, whoever holds it.
func Unlock(ctx context.Context, api *prefect.Client, owner Owner) error {
	l := &Locked{api: api, name: namesOf(owner)}
	return l.free(ctx)
}

// holderID makes a UUID of a holder; Prefect takes nothing else.
func holderID(h Holder) string {
	sum := fnv.New128a()
	_, _ = fmt.Fprint(sum, h.Host, h.PID, h.Born) // a hash takes everything
	x := sum.Sum(nil)
	x[6], x[8] = x[6]&0x0f|0x40, x[8]&0x3f|0x80 // a random UUID, as its bits say
	return fmt.Sprintf("%x-%x-%x-%x-%x", x[0:4], x[4:6], x[6:8], x[8:10], x[10:16])
}
