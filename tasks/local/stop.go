package local

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/interpreter"
)

// stop ends a process with what it started, and forgets it.
func (l *Local) stop(ctx context.Context, r record) error {
	if err := interpreter.Stop(ctx, r.id(), title(r.Name), l.limits.stop); err != nil {
		return err
	}
	l.forget(r.Name)
	return nil
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

// stopAll ends every worker and the server, in that order.
func (l *Local) stopAll(ctx context.Context) ([]Process, error) {
	var stopped []Process
	for _, r := range l.all(ctx) {
		step := l.console.Begin("stopping the %s (process %d)", title(r.Name), r.PID)
		if err := l.stop(ctx, r); err != nil {
			return stopped, step.Failed(err)
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
	if !folder.Exists(l.folder.Dir) {
		return nil, nil
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := l.python.EndInstaller(ctx); err != nil {
		return nil, err
	}
	return l.stopAll(ctx)
}
