package local

import (
	"context"

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

// tellStop is stop as a step of the story.
func (l *Local) tellStop(ctx context.Context, r record) error {
	step := l.console.Begin("stopping the %s (process %d)", title(r.Name), r.PID)
	if err := l.stop(ctx, r); err != nil {
		return step.Failed(err)
	}
	step.Done("the %s is stopped", title(r.Name))
	return nil
}

// stopAll ends every worker and the server, in that order.
func (l *Local) stopAll(ctx context.Context) ([]Process, error) {
	var stopped []Process
	for _, r := range l.all(ctx) {
		if err := l.tellStop(ctx, r); err != nil {
			return stopped, err
		}
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

// WorkerOf gives the worker that runs here for a pool, as [Local.Worker] has started it; false when none does.
func (l *Local) WorkerOf(ctx context.Context, pool string) (Process, bool) {
	r, ok := l.live(ctx, workerName(pool))
	return r.process(), ok
}

// StopWorker ends the worker that runs here for a pool, with the runs that it has under way, and no other one. None is no error.
func (l *Local) StopWorker(ctx context.Context, pool string) error {
	if !folder.Exists(l.folder.Dir) {
		return nil
	}
	unlock, err := l.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	if r, ok := l.live(ctx, workerName(pool)); ok {
		return l.tellStop(ctx, r)
	}
	return nil
}
