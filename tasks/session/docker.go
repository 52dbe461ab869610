package session

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
)

// Auto skips container deployments where they are impossible.
const Auto = "auto"

// HasContainers tells whether any flow may be deployed as a container.
func HasContainers(env config.Env) bool { return len(kind.Imaged(env.AllKinds())) > 0 }

// Docker connects to the daemon, once a command.
func (s *Session) Docker(ctx context.Context) (*image.Docker, error) {
	s.connected.Do(func() {
		defer s.Await("Docker to answer")()
		s.daemon, s.noDaemon = image.Connect(ctx, s.Environ)
	})
	return s.daemon, s.noDaemon
}

// dockerNetworks gives the networks that container deployments run in, the environment's own first.
func dockerNetworks(env config.Env) []string {
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

// ContainerAddress makes the networks and gives the address at which containers reach the API. The embedded server listens on loopback, which is another
// one in each container: on Linux connections to the network's gateway are passed on to it. Elsewhere Docker itself leads containers
// to the host's loopback, and its worker knows how to name it.
func ContainerAddress(ctx context.Context, s *Session, docker *image.Docker, to Server, env config.Env) (address, network string, err error) {
	gateway := ""
	for _, name := range dockerNetworks(env) {
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
