package local

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/identity"
)

// stop ends a process and what it started: first it is asked, after limits.stop it is killed. Flow runs that a worker started
// lead sessions of their own, so the group isn't all.
func (l *Local) stop(ctx context.Context, r record) error {
	ctx = context.WithoutCancel(ctx) // a half-stopped server helps nobody, and the wait is bounded
	family := descendants(ctx, r.PID)
	if err := askToEnd(r.PID); err != nil {
		return l.unstoppable(r, err)
	}
	if !l.ended(ctx, r, l.limits.stop) {
		if err := killGroup(r.PID); err != nil {
			return l.unstoppable(r, err)
		}
	}
	for _, child := range family {
		if child.alive(ctx) {
			_ = killGroup(child.PID) // it leads a group, or is part of one that is killed
			endOne(ctx, child)
		}
	}
	if !l.ended(ctx, r, l.limits.stop) {
		return l.unstoppable(r, nil)
	}
	l.forget(r.Name)
	return nil
}

// ended waits for a process to be gone.
func (l *Local) ended(ctx context.Context, r record, within time.Duration) bool {
	limit := time.Now().Add(within)
	for r.alive(ctx) {
		if time.Now().After(limit) {
			return false
		}
		pause(ctx, 20*time.Millisecond)
	}
	return true
}

// pause waits; it gives false when ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (l *Local) unstoppable(r record, err error) error {
	return &fault.Error{
		Code: fault.Unexpected, What: "can't stop the " + title(r.Name), Where: r.where(), Err: err,
		Next: "end that process yourself (it may belong to another user), then try again",
	}
}

// stopAll ends every worker and the server, in that order.
func (l *Local) stopAll(ctx context.Context) ([]Process, error) {
	var stopped []Process
	for _, r := range l.all(ctx) {
		step := l.console.Begin("stopping the %s (process %d)", title(r.Name), r.PID)
		if err := l.stop(ctx, r); err != nil {
			return stopped, failed(step, err)
		}
		step.Done("the %s is stopped", title(r.Name))
		stopped = append(stopped, r.process())
	}
	for _, name := range l.recorded() {
		l.forget(name)
	}
	return stopped, nil
}

// Down stops exactly what was started here: workers, then the server, each with what it started, running flow runs included.
// It gives what it stopped, nothing when nothing ran. The Python environment and the database stay.
func (l *Local) Down(ctx context.Context) ([]Process, error) {
	if !exists(l.home) {
		return nil, nil
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := l.endInstaller(ctx); err != nil {
		return nil, err
	}
	return l.stopAll(ctx)
}

// endInstaller ends an installer that outlived the command which started it. We hold the lock, so nobody waits for it.
func (l *Local) endInstaller(ctx context.Context) error {
	defer l.forget(installerName)
	if r, ok := l.noted(ctx, installerName); ok {
		if err := l.stop(ctx, r); err != nil {
			return err
		}
	}
	all, err := process.ProcessesWithContext(ctx)
	if err != nil {
		return nil
	}
	for _, p := range all {
		command, err := p.CmdlineSliceWithContext(ctx)
		if err != nil || !l.installs(command) {
			continue
		}
		if born, ok := identity.Birth(ctx, int(p.Pid)); ok { // endOne leaves those of others alone
			endOne(ctx, record{PID: int(p.Pid), Born: born})
		}
	}
	return nil
}

// installs tells whether a command line is that of an installer working on our environment.
func (l *Local) installs(command []string) bool {
	ours := slices.ContainsFunc(command, func(arg string) bool {
		return arg == l.path("python") || strings.HasPrefix(arg, l.path("python")+string(separator)) || arg == l.path("uv")
	})
	return ours && slices.ContainsFunc(command, func(arg string) bool {
		return slices.Contains([]string{"venv", "pip", "ensurepip", "compileall"}, arg)
	})
}
