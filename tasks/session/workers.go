package session

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/pool"
)

// EnsureWorkers makes sure that the embedded environment has a worker for each process pool and each Docker pool that is there. A worker would
// make a missing one, and it would be nobody's (Prefect: workers/base.py). Elsewhere workers are their owners' business.
func EnsureWorkers(ctx context.Context, s *Session, to Server, env config.Env, there []string) error {
	if to.Embedded == nil {
		return nil
	}
	for name, poolType := range pool.Types(env) {
		if !slices.Contains(there, name) {
			continue
		}
		w := local.WorkerSpec{Pool: name, Type: poolType, APIURL: to.API.URL(), Env: to.Environ}
		switch poolType {
		case kind.ProcessPool:
		case kind.DockerPool:
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
		w.Env = append(w.Env, exempt(s.Environ, "NO_PROXY", u.Hostname()))
	}
	return w, nil
}

// Auto skips container deployments where they are impossible.
const Auto = "auto"

// HasContainers tells whether any flow may be deployed as a container.
func HasContainers(env config.Env) bool { return len(kind.Imaged(env.AllKinds())) > 0 }

// connection is what came of asking for Docker.
type connection struct {
	daemon *image.Docker
	err    error
}

// Docker connects to the daemon, once a command. Whoever needs one that may be missing gets the same error each time.
func (s *Session) Docker(ctx context.Context) (*image.Docker, error) {
	to := s.docker.get(func() (c connection) {
		defer s.Await("Docker to answer")()
		c.daemon, c.err = image.Connect(ctx, s.Environ)
		return c
	})
	return to.daemon, to.err
}

// ContainerAddress makes the networks that container deployments run in, and gives the address at which containers reach the API, and the
// first network's name. The embedded server listens on loopback, which is another one in each container: on Linux connections to the
// network's gateway are passed on to it. Elsewhere Docker itself leads containers to the host's loopback, and its worker knows how to name it.
func (to Server) ContainerAddress(ctx context.Context, docker *image.Docker, env config.Env) (address, network string, err error) {
	gateway := ""
	for _, name := range networksOf(env) {
		at, err := docker.Network(ctx, name, env.Project)
		if err != nil {
			return "", "", err
		}
		if gateway == "" {
			gateway, network = at, name
		}
	}
	if gateway == "" || to.Embedded == nil || !docker.Native(ctx) {
		return to.API.URL(), network, nil
	}
	address, err = to.Embedded.Forward(ctx, gateway)
	return address, network, err
}

// networksOf gives the networks that container deployments run in, the environment's own first.
func networksOf(env config.Env) []string {
	out := slices.Clone(env.Container.Networks)
	for _, name := range env.Overrides() {
		for _, network := range env.Flow[name].Container.Networks {
			if !slices.Contains(out, network) {
				out = append(out, network)
			}
		}
	}
	return out
}
