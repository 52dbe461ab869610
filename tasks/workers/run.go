// Package workers runs Prefect's workers in the foreground and keeps them running (env:worker). Those of the embedded server that run in the
// background are started by package local.
//
// Start with [Run]; supervised.go tells when a worker is started again.
package workers

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
)

// Options are the choices of env:worker.
type Options struct {
	Env    string
	Pool   string // only this one; empty: all of the environment's that exist
	Name   string // of the workers, in front of their pool's when there are several
	Limit  int    // runs at one time, per pool; 0: no limit
	Detach bool   // start them in the background
}

// Run runs a worker for each of the environment's pools until ctx ends. One that ends, or that the server does not hear of any more, is
// started again. With Detach they are started in the background, where env:down ends them.
func Run(ctx context.Context, s *session.Session, to session.Server, env config.Env, flows []flow.Flow, o Options) error {
	types, err := wantedPools(ctx, to, env, o.Pool)
	if err != nil {
		return err
	}
	l, err := session.EnsurePython(ctx, s, to, env, flows)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range slices.Sorted(maps.Keys(types)) {
		spec := local.WorkerSpec{Pool: name, Type: types[name], APIURL: to.API.URL(), Env: to.Environ, Limit: o.Limit}
		if spec.Type == kind.DockerPool && to.Embedded != nil {
			if spec, err = session.DockerWorker(ctx, s, to, env, spec); err != nil {
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
		spec.Name = nameOf(o.Name, name, len(types))
		w := &supervised{s: s, api: to.API, local: l, spec: spec}
		group.Go(func() error { return w.run(ctx) })
	}
	return group.Wait()
}

// wantedPools gives the types of the environment's pools that are on the server, by name.
func wantedPools(ctx context.Context, to session.Server, env config.Env, only string) (map[string]string, error) {
	out := pool.Types(env)
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
		_, there, err := to.API.WorkPool(ctx, name)
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
			Code: fault.Server, What: fmt.Sprintf("there is no work pool %q", strings.Join(missing, `", "`)), Where: to.API.URL(),
			Why: "the first deploy creates it", Next: "mage deploy:all -env=" + env.Name,
		}
	}
	return out, nil
}

// nameOf gives a worker's name, unique on the server among those that run on other machines.
func nameOf(wanted, pool string, pools int) string {
	switch {
	case wanted != "" && pools > 1:
		return wanted + "-" + pool
	case wanted != "":
		return wanted
	}
	host, _ := os.Hostname()
	host = cmp.Or(host, "local")
	return strings.NewReplacer("/", "-", "%", "-").Replace(host + "-" + pool + "-" + strconv.Itoa(os.Getpid()))
}
