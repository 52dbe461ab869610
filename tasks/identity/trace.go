package identity

import (
	"context"
	"os"
)

// Trace is what others need to know of a process to be certain that it is gone. A process's number means nothing on another machine, after
// another boot, or in another namespace of processes: containers with the host's network, and machines that were cloned, share the name
// of the host. What is empty is not known.
type Trace struct {
	PID   int
	Boot  string // Linux: the id of the boot; elsewhere the time of the boot, in seconds since 1970
	Space string // Linux: the namespaces of processes and of times; elsewhere the host's name
	Start int64  // Linux: clock ticks from the boot to its birth, which nobody moves by setting the clock; elsewhere milliseconds since 1970
}

// Left gives the trace of this process.
func Left(ctx context.Context) Trace {
	t := Trace{PID: os.Getpid()}
	t.Boot, t.Space = here(ctx)
	t.Start, _ = started(ctx, t.PID)
	return t
}

// Gone tells whether the process has ended for certain: its boot and its namespace are ours, and no process of that number and birth runs.
// Where any of this is not known, it has not.
func (t Trace) Gone(ctx context.Context) bool {
	boot, space := here(ctx)
	if t.PID <= 0 || t.Boot == "" || t.Space == "" || t.Start <= 0 || space != t.Space || !sameBoot(boot, t.Boot) {
		return false
	}
	if !exists(ctx, t.PID) {
		return true
	}
	start, state := started(ctx, t.PID)
	return state == ended || state == running && !sameStart(start, t.Start)
}

// processState is what can be seen of a process.
type processState int

const (
	unseen  processState = iota // others' processes may be hidden
	running                     // it has a start
	ended                       // only its parent has not noticed yet
)
