package workers

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/wait"
)

// supervised is a worker that is kept running.
type supervised struct {
	s     *session.Session
	api   *prefect.Client
	local *local.Local
	spec  local.WorkerSpec
	seen  bool // the server has heard of it
}

// How a worker is looked after. Prefect's workers give a sign of life every 30 s, and the server counts one as offline after three.
const (
	lookAgain = 10 * time.Second
	silences  = 6 // looks in a row at which it is offline
	tries     = 3 // starts that may fail before the server has heard of it at all
)

// run starts the worker again whenever it ends.
func (w *supervised) run(ctx context.Context) error {
	var backoff wait.Backoff
	for try := 1; ; try++ {
		began := time.Now()
		err := w.once(ctx)
		if ctx.Err() != nil {
			return nil //nolint:nilerr // it was told to end
		}
		if !w.seen && try >= tries {
			return &fault.Error{
				Code: fault.Unexpected, What: "the worker ended before the server heard of it", Where: w.spec.Pool, Err: err, Next: "its last lines above tell why",
			}
		}
		pause := backoff.Next(time.Since(began))
		w.s.Console.Warn("the worker for %s has ended (%v); it is started again in %s", w.spec.Pool, err, pause)
		if !wait.For(ctx, pause) {
			return nil
		}
	}
}

// once runs the worker until it ends, or is silent for too long.
func (w *supervised) once(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd, err := w.local.WorkerCommand(ctx, w.spec)
	if err != nil {
		return err
	}
	cmd.Stdout, cmd.Stderr = w.s.Console.Err(), w.s.Console.Err()
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("starting the worker: %w", err)
	}
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		if w.watch(ctx) {
			w.s.Console.Warn("the server has not heard of the worker %s for a while", w.spec.Name)
			cancel()
		}
	}()
	err = cmd.Wait()
	cancel()
	<-watched
	return err
}

// watch looks whether the server hears of the worker. It gives true when it was heard of and is not any more.
func (w *supervised) watch(ctx context.Context) bool {
	online, silent := false, 0
	for every := time.Second / 2; wait.For(ctx, every); {
		list, err := w.api.OnlineWorkers(ctx, w.spec.Pool)
		if err != nil {
			silent = 0 // the server's fault, not the worker's
			continue
		}
		found := slices.ContainsFunc(list, func(x prefect.Worker) bool { return x.Name == w.spec.Name })
		switch {
		case found && !online:
			online, w.seen, every = true, true, lookAgain
			w.s.Console.Say("the worker %s for %s is online; Ctrl-C ends it", w.spec.Name, w.spec.Pool)
		case found:
			silent = 0
		case online:
			silent++
		}
		if silent >= silences {
			return true
		}
	}
	return false
}
