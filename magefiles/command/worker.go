package command

import (
	"context"
	"maps"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/serve"
	"github.com/flowmage/flowmage/tasks/session"
)

// Worker runs a worker for each of the environment's pools until ctx ends. One that ends, or that the server does not hear of any more,
// is started again. With Detach they are started in the background, where env:down ends them.
func Worker(ctx context.Context, s *session.Session, o serve.WorkerOptions) error {
	s.FinishOnSignal()
	env, to, flows, err := session.StartEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	pools, err := serve.Workable(ctx, to, env, o.Pool)
	if err != nil {
		return err
	}
	l, err := session.EnsurePython(ctx, s, to, env, flows)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, name := range slices.Sorted(maps.Keys(pools)) {
		spec := local.WorkerSpec{Pool: name, Type: pools[name], APIURL: to.API.URL(), Env: to.Environ, Limit: o.Limit}
		if spec.Type == "docker" && to.Embedded != nil {
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
		spec.Name = serve.WorkerNamed(o.Name, name, len(pools))
		w := &serve.Supervised{S: s, To: to, Local: l, Spec: spec}
		group.Go(func() error { return w.Run(ctx) })
	}
	return group.Wait()
}
