package local

import (
	"context"

	"github.com/flowmage/flowmage/tasks/folder"
)

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
	r, ok := l.live(ctx, workerName(pool))
	if !ok {
		return nil
	}
	step := l.console.Begin("stopping the %s (process %d)", title(r.Name), r.PID)
	if err := l.stop(ctx, r); err != nil {
		return step.Failed(err)
	}
	step.Done("the %s is stopped", title(r.Name))
	return nil
}
