// Package identity tells processes apart for longer than their numbers do: systems give a number out again, but never with the same
// time of birth.
//
// Start with [ID], which is a number with its time of birth. Who holds a lock, and whether that one is gone for certain, is in the files trace*.go.
package identity

import (
	"context"
	"iter"
	"os"
	"os/user"
	"runtime"
	"slices"

	"github.com/shirou/gopsutil/v4/process"
)

// Slack is by how much two readings of one birth may differ, in milliseconds: Linux computes it from the time of the boot, which
// moves when the clock is set.
const Slack = 2000

// ID names a process for good. Born is in milliseconds since 1970.
type ID struct {
	PID  int   `json:"pid"`
	Born int64 `json:"born"`
}

// Self gives this process.
func Self(ctx context.Context) ID {
	born, _ := Birth(ctx, os.Getpid())
	return ID{PID: os.Getpid(), Born: born}
}

// Alive tells whether the process still runs.
func (id ID) Alive(ctx context.Context) bool {
	born, ok := Birth(ctx, id.PID)
	return ok && id.PID > 0 && born-id.Born <= Slack && id.Born-born <= Slack
}

// Birth gives the time when a living process came to be; ok is false for none and for one that has ended but was not collected
// by its parent yet.
func Birth(ctx context.Context, pid int) (born int64, ok bool) {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) //nolint:gosec // process numbers fit
	if err != nil {
		return 0, false
	}
	if states, err := p.StatusWithContext(ctx); err == nil && len(states) > 0 && states[0] == process.Zombie {
		// While other threads of it are still ending, its port is not free yet.
		if threads, err := p.NumThreadsWithContext(ctx); err != nil || threads <= 1 {
			return 0, false
		}
	}
	born, err = p.CreateTimeWithContext(ctx)
	return born, err == nil
}

// Commands gives the command lines of all processes, by number, as far as they are told.
func Commands(ctx context.Context) iter.Seq2[int, []string] {
	return func(yield func(int, []string) bool) {
		all, _ := process.ProcessesWithContext(ctx) // where they are not told there are none
		for _, p := range all {
			if command, err := p.CmdlineSliceWithContext(ctx); err == nil && !yield(int(p.Pid), command) {
				return
			}
		}
	}
}

// Ours tells whether a living process belongs to the user that this one runs as. Anybody may give a process of his any name and command
// line, so only a process of ours is believed, and only to such a one a signal is sent. One whose owner is not told is not ours.
func Ours(ctx context.Context, pid int) bool {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) //nolint:gosec // process numbers fit
	if err != nil {
		return false
	}
	if runtime.GOOS == "windows" {
		name, err := p.UsernameWithContext(ctx)
		self, failed := user.Current()
		return err == nil && failed == nil && name == self.Username
	}
	users, err := p.UidsWithContext(ctx) // real, effective and saved, as far as the system tells them
	return err == nil && len(users) > 0 && !slices.ContainsFunc(users, func(id uint32) bool { return int(id) != os.Geteuid() })
}
