package identity

import (
	"context"
	"errors"
	"time"

	"github.com/shirou/gopsutil/v4/process"
)

// ErrStays tells that a process goes on though it was killed.
var ErrStays = errors.New("it goes on")

// Of gives a living process; ok is false where there is none of that number.
func Of(ctx context.Context, pid int) (id ID, ok bool) {
	born, ok := Birth(ctx, pid)
	return ID{PID: pid, Born: born}, ok
}

// Ours tells whether the process still runs and belongs to the user that this one runs as. Its number alone would not do: systems give numbers
// out again.
func (id ID) Ours(ctx context.Context) bool { return id.Alive(ctx) && Ours(ctx, id.PID) }

// Stop ends a process of ours and what it started: first it is asked, after that time it is killed. What it started may lead sessions of its own, so
// the group isn't all.
func (id ID) Stop(ctx context.Context, patience time.Duration) error {
	family := descendants(ctx, id.PID)
	if err := Ask(id.PID); err != nil {
		return err
	}
	if !id.Ended(ctx, patience) {
		if err := Kill(id.PID); err != nil {
			return err
		}
	}
	for _, child := range family {
		if child.Ours(ctx) {
			_ = Kill(child.PID) // it leads a group, or is part of one that is killed
			child.End(ctx)
		}
	}
	if !id.Ended(ctx, patience) {
		return ErrStays
	}
	return nil
}

// Ended waits for a process to be gone.
func (id ID) Ended(ctx context.Context, within time.Duration) bool {
	limit := time.Now().Add(within)
	for id.Ours(ctx) {
		if time.Now().After(limit) {
			return false
		}
		time.Sleep(20 * time.Millisecond)
	}
	return true
}

// End kills that one process, if it is still the one that was meant and ours.
func (id ID) End(ctx context.Context) {
	if !id.Ours(ctx) {
		return
	}
	if p, err := process.NewProcessWithContext(ctx, int32(id.PID)); err == nil { //nolint:gosec // process numbers fit
		_ = p.KillWithContext(ctx) // gone meanwhile, or not ours to kill: then the caller's own check tells
	}
}

// descendants gives the living children of a process and theirs, to the end.
func descendants(ctx context.Context, pid int) []ID {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) //nolint:gosec // process numbers fit
	if err != nil {
		return nil
	}
	children, err := p.ChildrenWithContext(ctx)
	if err != nil {
		return nil
	}
	var out []ID
	for _, child := range children {
		if id, ok := Of(ctx, int(child.Pid)); ok {
			out = append(out, id)
			out = append(out, descendants(ctx, id.PID)...)
		}
	}
	return out
}
