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

// Client gives a client that waits no longer than the command may, and tells what for.
func (s *Session) Client(o prefect.Options) (*prefect.Client, error) {
	o.Patience, o.Await, o.Version = s.patience, s.Console.Await, version.Program().Short()
	return prefect.New(o)
}

// Await tells what is waited for, if it takes a while, until what comes back is called.
func (s *Session) Await(what string) func() { return s.Console.Await(func() string { return what }) }

// FinishOnSignal notes that from now on the command holds or starts something that it has to put right when a signal ends it. Its caller sees
// to it that this takes no longer than it may.
func (s *Session) FinishOnSignal() { s.finishes.Store(true) }

// FinishesOnSignal tells whether the command has to be waited for when a signal ends it: it has asked for the lock, or works on the embedded
// environment.
func (s *Session) FinishesOnSignal() bool { return s.finishes.Load() }
