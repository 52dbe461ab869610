package command

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
)

// WorkerOptions are the choices of env:worker.
type WorkerOptions struct {
	Env    string
	Pool   string // only this one; empty: all of the environment's that exist
	Name   string // of the workers, in front of their pool's when there are several
	Limit  int    // runs at one time, per pool; 0: no limit
	Detach bool   // start them in the background
}

// Worker runs a worker for each of the environment's pools until ctx ends. One that ends, or that the server does not hear of any more,
// is started again. With Detach they are started in the background, where env:down ends them.
func Worker(ctx context.Context, s *Session, o WorkerOptions) error {
	s.Engage()
	env, to, flows, err := s.up(ctx, o.Env)
	if err != nil {
		return err
	}
	pools, err := workable(ctx, to, env, o.Pool)
	if err != nil {
		return err
	}
	l, err := s.python(ctx, to, env, flows)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range slices.Sorted(maps.Keys(pools)) {
		spec := local.WorkerSpec{Pool: name, Type: pools[name], APIURL: to.api.URL(), Env: to.credentials, Limit: o.Limit}
		if spec.Type == "docker" && to.embedded != nil {
			if spec, err = s.dockerWorker(ctx, to, env, spec); err != nil {
				return err
			}
		}
		if o.Detach {
			// One after the other: they are noted in one folder.
			p, err := l.Worker(ctx, spec)
			if err != nil {
				return err
			}
			s.Console.Printf("running   %s (pid %d, log %s)\n", p.Name, p.PID, p.Log)
			continue
		}
		spec.Name = workerNamed(o.Name, name, len(pools))
		w := &supervised{s: s, to: to, local: l, spec: spec}
		group.Go(func() error { return w.run(ctx) })
	}
	return group.Wait()
}

// workable gives the types of the environment's pools that are on the server, by name.
func workable(ctx context.Context, to server, env config.Env, only string) (map[string]string, error) {
	out := env.PoolTypes()
	if _, known := out[only]; only != "" && !known {
		return nil, &fault.Error{
			Code: fault.Usage, What: fmt.Sprintf("%s has no work pool %q", env.Name, only),
			Why: "it has " + strings.Join(slices.Sorted(maps.Keys(out)), ", "), Next: "name one of these, or leave out -pool",
		}
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(out)) {
		if only != "" && name != only {
			delete(out, name)
			continue
		}
		_, there, err := to.api.WorkPool(ctx, name)
		if err != nil {
			return nil, err
		}
		if !there {
			delete(out, name)
			missing = append(missing, name)
		}
	}
	if len(out) == 0 {
		return nil, &fault.Error{
			Code: fault.Server, What: fmt.Sprintf("there is no work pool %q", strings.Join(missing, `", "`)), Where: to.api.URL(),
			Why: "the first deploy creates it", Next: "mage deploy:all -env=" + env.Name,
		}
	}
	return out, nil
}

// workerNamed gives a worker's name, unique on the server among those that run on other machines.
func workerNamed(wanted, pool string, pools int) string {
	switch {
	case wanted != "" && pools > 1:
		return wanted + "-" + pool
	case wanted != "":
		return wanted
	}
	host, err := os.Hostname()
	if err != nil || host == "" {
		host = "local"
	}
	return strings.NewReplacer("/", "-", "%", "-").Replace(host + "-" + pool + "-" + strconv.Itoa(os.Getpid()))
}

// supervised is a worker that is kept running.
type supervised struct {
	s     *Session
	to    server
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
	var backoff local.Backoff
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
		wait := backoff.Next(time.Since(began))
		w.s.Console.Warn("the worker for %s has ended (%v); it is started again in %s", w.spec.Pool, err, wait)
		if !sleep(ctx, wait) {
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
	for every := time.Second / 2; sleep(ctx, every); {
		list, err := w.to.api.OnlineWorkers(ctx, w.spec.Pool)
		if err != nil {
			silent = 0 // the server's fault, not the worker's
			continue
		}
		found := false
		for _, x := range list {
			found = found || x.Name == w.spec.Name
		}
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
