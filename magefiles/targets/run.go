// Package targets holds the Mage targets: one file for each namespace, bodies of a few lines. Import it in a magefile with
//
//	//mage:import
//	"github.com/flowmage/flowmage/magefiles/targets"
//
// and every target is there. What the targets do is in package command; this package turns flags into options, errors into exit
// codes, and refuses command lines that Mage would misread (commandline.go).
package targets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ownprocess"
	"github.com/flowmage/flowmage/tasks/rulebook"
	"github.com/flowmage/flowmage/tasks/session"
)

// exit is an error as Mage wants it: its text is the last line, and Mage ends the process with its code.
type exit struct{ code fault.Code }

// Error names the code; everything else was printed before.
func (e exit) Error() string { return fmt.Sprintf("exit code %d: %s", e.code, e.code) }

// ExitStatus is what Mage looks for on the error it gets.
func (e exit) ExitStatus() int { return int(e.code) }

// targetBody is what a target does.
type targetBody func(context.Context, *session.Session) error

// withOptions is a body that is done as options say.
func withOptions[O any](do func(context.Context, *session.Session, O) error, o O) targetBody {
	return func(ctx context.Context, s *session.Session) error { return do(ctx, s, o) }
}

// act carries out one target that writes or starts something; in a repository that is not trusted it is refused.
func act(ctx context.Context, do targetBody) error { return once(ctx, trusted(do)) }

// look carries out a target that only looks. Of a repository that is not trusted it starts nothing, and says so.
func look(ctx context.Context, do targetBody) error { return once(ctx, announced(do)) }

// once carries out a target. SIGTERM cancels the context as Ctrl-C does; Mage itself knows only the latter.
func once(ctx context.Context, do targetBody) error {
	return carryOut(ctx, do, func(ctx context.Context, err error) bool {
		// Whatever a step made of being cut off, the cause is the signal.
		return ctx.Err() != nil && !errors.Is(err, context.DeadlineExceeded)
	})
}

func trusted(do targetBody) targetBody {
	return func(ctx context.Context, s *session.Session) error {
		if err := s.RequireTrust(); err != nil {
			return err
		}
		return do(ctx, s)
	}
}

func announced(do targetBody) targetBody {
	return func(ctx context.Context, s *session.Session) error {
		s.SayUntrusted()
		return do(ctx, s)
	}
}

// patient is run for targets that have something left to do after a signal: Mage itself would drop everything 5 s after a Ctrl-C.
func patient(ctx context.Context, do targetBody) error {
	ownprocess.Deafen()
	return act(ctx, engaged(do))
}

// engaged has a body waited for when it is told to end, however long that takes.
func engaged(do targetBody) targetBody {
	return func(ctx context.Context, s *session.Session) error {
		s.FinishOnSignal()
		return do(ctx, s)
	}
}

// foreground is patient for targets whose usual end is a signal: what they make of it stands.
func foreground(ctx context.Context, do targetBody) error { return lasting(ctx, trusted(engaged(do))) }

// watching is foreground for a target that only looks.
func watching(ctx context.Context, do targetBody) error { return lasting(ctx, announced(do)) }

func lasting(ctx context.Context, do targetBody) error {
	ownprocess.Deafen()
	return carryOut(ctx, do, func(_ context.Context, err error) bool { return errors.Is(err, context.Canceled) })
}

func carryOut(ctx context.Context, do targetBody, interrupted func(context.Context, error) bool) error {
	ownprocess.Frugal()
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := session.New(rulebook.All)
	if err == nil {
		defer s.Console.Flush()
		err = within(ctx, s, func() error { return do(ctx, s) })
		s.Console.Flush()
	}
	if s != nil && (err == nil || errors.Is(err, s.Console.Lost())) {
		err = unwritten(s.Console)
	}
	if err == nil {
		return nil
	}
	if s == nil {
		s = &session.Session{Console: console.Standard(os.Environ())}
	}
	if interrupted(ctx, err) {
		s.Console.Say("interrupted: what was in flight is finished or undone by the next run; type the same command again to go on")
		return exit{fault.Interrupted}
	}
	s.Console.Fault(err)
	return exit{fault.CodeOf(err)}
}

// exitGrace is how long a command may take to end once it was told to, if it has nothing to put right.
const exitGrace = 4 * time.Second

// within gives what a body comes back with. Where a signal finds it in the middle of something that hears of no context, such as a file of a
// network that does not answer, the body is left where it is: the process ends, and everything it holds goes with it. One that holds the lock
// or has started others is waited for, and has its own limits.
func within(ctx context.Context, s *session.Session, body func() error) error {
	came := make(chan error, 1)
	go func() {
		defer func() { // Mage sees to panics of its own goroutine alone
			if p := recover(); p != nil {
				came <- &fault.Error{
					Code: fault.Unexpected, What: "this program has a mistake", Why: fmt.Sprintf("%v\n%s", p, debug.Stack()),
					Next: "report it, together with what mage env:version says",
				}
			}
		}()
		came <- body()
	}()
	select {
	case err := <-came:
		return err
	case <-ctx.Done():
	}
	for {
		select {
		case err := <-came:
			return err
		case <-time.After(exitGrace):
			if !s.FinishesOnSignal() {
				return ctx.Err()
			}
		}
	}
}

// unwritten gives a fault for results that did not arrive.
func unwritten(c *console.Console) error {
	lost := c.Lost()
	if lost == nil {
		return nil
	}
	return &fault.Error{
		Code: fault.Unexpected, What: "the results could not be written to standard output", Err: lost,
		Next: "make room where the output goes, then run the command again; what it has done is done",
	}
}

// The readers of optional flags: an absent one is its zero value.

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// kindOf gives a kind of deployment as it was typed; commands check it.
func kindOf(p *string) kind.Kind { return kind.Kind(value(p)) }

// denied tells whether a flag that is on by default was set to false.
func denied(p *bool) bool { return p != nil && !*p }

func words(p *string) []string {
	return strings.FieldsFunc(value(p), func(r rune) bool { return r == ',' || r == ' ' })
}
