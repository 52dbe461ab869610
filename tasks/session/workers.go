package session

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/local"
)

// EnsureWorkers makes sure that the embedded environment has a worker for each process pool and each Docker pool that is there. A worker would
// make a missing one, and it would be nobody's (Prefect: workers/base.py). Elsewhere workers are their owners' business.
func EnsureWorkers(ctx context.Context, s *Session, to Server, env config.Env, there []string) error {
	if to.Embedded == nil {
		return nil
	}
	for name, kind := range env.PoolTypes() {
		if !slices.Contains(there, name) {
			continue
		}
		w := local.WorkerSpec{Pool: name, Type: kind, APIURL: to.API.URL(), Env: to.Environ}
		switch kind {
		case "process":
		case "docker":
			if !HasContainers(env) {
				continue
			}
			var err error
			if w, err = DockerWorker(ctx, s, to, env, w); err != nil {
				if env.Containers != Auto {
					s.Console.Warn("there is no worker for containers: %v", err)
				}
				continue
			}
		default:
			continue
		}
		if _, err := to.Embedded.Worker(ctx, w); err != nil {
			return fmt.Errorf("the worker for %s: %w", name, err)
		}
	}
	return nil
}

// DockerWorker adds what a worker for containers needs: the API's address as they see it, which it hands on to them, and the daemon.
func DockerWorker(ctx context.Context, s *Session, to Server, env config.Env, w local.WorkerSpec) (local.WorkerSpec, error) {
	docker, err := s.Docker(ctx)
	if err != nil {
		return w, err
	}
	if w.APIURL, _, err = to.ContainerAddress(ctx, docker, env); err != nil {
		return w, err
	}
	w.Env = append(slices.Clone(to.Environ), "DOCKER_HOST="+docker.Host())
	if u, err := url.Parse(w.APIURL); err == nil {
		w.Env = append(w.Env, s.Environ.exempt("NO_PROXY", u.Hostname()))
	}
	return w, nil
}
