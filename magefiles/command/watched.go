package command

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/change"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/watch"
)

// calm is how long after the last event of a save the rules are run: an editor writes a file in two or three steps.
const calm = 20 * time.Millisecond

// VerifyWatch runs the rules that need no server, and again after each change of a file that they read, until ctx ends, which is its usual end.
func VerifyWatch(ctx context.Context, s *session.Session, o VerifyOptions) error {
	w, err := watch.New(ctx, []string{s.Root}, watch.Options{Counts: change.Counts, Calm: calm})
	if err != nil {
		return err
	}
	for first := true; ; first = false {
		s = s.Anew()
		began := time.Now()
		err := VerifyFlows(ctx, s, o)
		if ctx.Err() != nil {
			break
		}
		switch code := fault.CodeOf(err); {
		case code == fault.Usage && first:
			return err
		case code != fault.OK && code != fault.Findings: // of findings all is said already
			s.Console.Fault(err)
		}
		s.Console.Say("checked in %s; a change has it checked again, Ctrl-C ends it", time.Since(began).Round(time.Millisecond))
		select {
		case <-ctx.Done():
			return nil
		case file := <-w.Changed():
			s.Console.Say("%s has changed", s.Relative(file))
		}
	}
	return nil //nolint:nilerr // being told to end is no failure
}
