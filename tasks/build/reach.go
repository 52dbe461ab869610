package build

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/session"
)

// reachable starts a container in the network and asks the API from there, before anything is written that could only crash. Deployments
// that stay as they are aren't asked about.
func reachable(ctx context.Context, s *session.Session, c draft.Compared, p draft.Pinned) error {
	if c.Server.Embedded == nil || c.Plan.Count(plan.Create)+c.Plan.Count(plan.Update) == 0 {
		return nil
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		return err
	}
	address, network, err := c.Server.ContainerAddress(ctx, docker, p.Env)
	if err != nil || network == "" || address == c.Server.API.URL() {
		return err
	}
	defer s.Await("a container to reach the Prefect server")()
	for _, f := range p.Flows {
		planned, ok := p.Images[f.Entrypoint]
		if !ok {
			continue
		}
		if _, here, err := docker.Inspect(ctx, planned.Spec.Reference()); err != nil {
			return err
		} else if !here {
			continue // it is in the registry only
		}
		const ask = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=10).read()"
		out, err := docker.Run(ctx, image.Command{Image: planned.Spec.Reference(), Args: []string{"python", "-c", ask, address + "/health"}, Network: network})
		if err != nil || out.Code == 0 {
			return err
		}
		return &fault.Error{
			Code: fault.Image, What: "containers don't reach the Prefect server", Where: address,
			Why:  fmt.Sprintf("asked from a container in the network %s: %s", network, image.LastLine(out.Text)),
			Next: "does a firewall of this machine drop what comes from Docker's networks? Allow " + network + " to reach that address",
		}
	}
	return nil
}
