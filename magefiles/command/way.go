package command

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/plan"
)

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

// containerWay makes the networks and gives the address at which containers reach the API. The embedded server listens on loopback, which is another
// one in each container: on Linux connections to the network's gateway are passed on to it. Elsewhere Docker itself leads containers
// to the host's loopback, and its worker knows how to name it.
func (s *Session) containerWay(ctx context.Context, docker *image.Docker, to server, env config.Env) (address, network string, err error) {
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
	if gateway == "" || to.embedded == nil || !docker.Native(ctx) {
		return to.api.URL(), network, nil
	}
	address, err = to.embedded.Forward(ctx, gateway)
	return address, network, err
}

// dockerWorker completes what a worker for containers needs: the API's address as they see it, which it hands on to them, and the daemon.
func (s *Session) dockerWorker(ctx context.Context, to server, env config.Env, w local.WorkerSpec) (local.WorkerSpec, error) {
	docker, err := s.docker(ctx)
	if err != nil {
		return w, err
	}
	if w.APIURL, _, err = s.containerWay(ctx, docker, to, env); err != nil {
		return w, err
	}
	w.Env = append(slices.Clone(to.credentials), "DOCKER_HOST="+docker.Host())
	if u, err := url.Parse(w.APIURL); err == nil {
		exempt, _ := s.environ("NO_PROXY")
		w.Env = append(w.Env, "NO_PROXY="+strings.TrimPrefix(exempt+",127.0.0.1,localhost,"+u.Hostname(), ","))
	}
	return w, nil
}

// reachable starts a container in the network and asks the API from there, before anything is written that could only crash. Deployments
// that stay as they are aren't asked about.
func (s *Session) reachable(ctx context.Context, c *comparison) error {
	if c.server.embedded == nil || c.plan.Count(plan.Create)+c.plan.Count(plan.Update) == 0 {
		return nil
	}
	docker, err := s.docker(ctx)
	if err != nil {
		return err
	}
	address, network, err := s.containerWay(ctx, docker, c.server, c.draft.env)
	if err != nil || network == "" || address == c.server.api.URL() {
		return err
	}
	defer s.awaiting("a container to reach the Prefect server")()
	for _, f := range c.draft.flows {
		p, ok := c.draft.images[f.Entrypoint]
		if !ok {
			continue
		}
		if _, here, err := docker.Inspect(ctx, p.Spec.Reference()); err != nil {
			return err
		} else if !here {
			continue // it is in the registry only
		}
		const ask = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10).read()"
		out, err := docker.Run(ctx, image.Command{Image: p.Spec.Reference(), Args: []string{"python", "-c", ask, address + "/health"}, Network: network})
		if err != nil || out.Code == 0 {
			return err
		}
		return &fault.Error{
			Code: fault.Image, What: "containers don't reach the Prefect server", Where: address,
			Why:  fmt.Sprintf("asked from a container in the network %s: %s", network, lastLine(out.Text)),
			Next: "does a firewall of this machine drop what comes from Docker's networks? Allow " + network + " to reach that address",
		}
	}
	return nil
}

func lastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n")+1:]
}
