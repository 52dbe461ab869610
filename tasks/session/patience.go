package session

import (
	"time"

	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/version"
)

// DefaultWait is how long a command waits for another one that writes: long enough for the lock of a dead one to run out. So long it also
// waits, in all, where a server asks it to.
const DefaultWait = prefect.DefaultPatience

// WaitFor sets how long this command may wait for others: -wait, or the default when that is zero. It comes before the first request.
func (s *Session) WaitFor(wait time.Duration) { s.patience = prefect.NewPatience(wait) }

// Client gives a client whose waits are bounded by this command's patience and told of.
func (s *Session) Client(o prefect.Options) (*prefect.Client, error) {
	o.Patience, o.Await, o.Version = s.patience, s.Console.Await, version.Program().Short()
	return prefect.New(o)
}

// FinishOnSignal notes that from now on this command holds or starts something that it has to put right when it is interrupted.
func (s *Session) FinishOnSignal() { s.engaged.Store(true) }

// FinishesOnSignal tells whether the command has to be waited for when it is interrupted: it has asked for the lock, or works on the embedded
// environment. Both have limits of their own.
func (s *Session) FinishesOnSignal() bool { return s.engaged.Load() }

// Await tells what is waited for, if it takes a while, until what comes back is called.
func (s *Session) Await(what string) func() { return s.Console.Await(func() string { return what }) }
