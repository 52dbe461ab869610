package deploying

import (
	"context"
	"os"
	"os/user"
	"time"

	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
)

// holder says who we are, for the lock and for receipts.
func holder(ctx context.Context, command, commit string) lock.Holder {
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

// takeLock takes the owner's lock. The context that comes back ends when the lock is lost.
func takeLock(ctx context.Context, s *session.Session, to session.Server, owner ownership.Owner, h lock.Holder, wait time.Duration) (*lock.Lock, context.Context, error) {
	if err := s.RequireTrust(); err != nil {
		return nil, nil, err
	}
	s.FinishOnSignal()
	if wait == 0 {
		wait = session.DefaultWait
	}
	return lock.Take(ctx, to.API, owner, lock.Options{
		Holder: h, Wait: wait,
		Dead: func(other lock.Holder) bool { return other.Gone(ctx) },
		Say:  func(text string) { s.Console.Say("%s", text) },
	})
}

// unlock gives a lock back. That can fail, for instance while SQLite stalls, and is no reason to call the work failed: a lock runs out,
// and that of an ended process of this machine is taken over at once.
func unlock(ctx context.Context, s *session.Session, lock *lock.Lock) {
	if err := lock.Release(ctx); err != nil {
		s.Console.Warn("the lock could not be given back and runs out by itself: %v", err)
	}
}

// Recall reads what the receipts know, and warns of one that can't be read: nothing depends on it but what only it knew.
func Recall(ctx context.Context, s *session.Session, to session.Server, owner ownership.Owner) (receipt.Known, error) {
	known, err := receipt.Recall(ctx, to.API, owner)
	if err == nil && !known.Damaged.IsZero() {
		s.Console.Warn("the receipt of %s is damaged, so it is not known what other hands have done since; the next receipt tells all again. "+
			"What has lost our tag counts as somebody else's: mage deploy:adopt -env=%s", known.Damaged.Local().Format(time.DateTime), owner.Env)
	}
	return known, err
}
