// Package build makes what deployments need before they are written: the images of container deployments, and what the build and push steps
// of a manifest make.
//
// Start with [Missing], which makes a plan's images and takes out the deployments whose image can't be had. Steps are in steps.go.
package build

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/plan"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/session"
)

// Missing makes the images that the plan's container deployments need, and blocks those whose image can't be had; the others go on.
func Missing(ctx context.Context, s *session.Session, c draft.Compared) (draft.Pinned, error) {
	p := c.Pinned
	if len(p.Images) == 0 {
		return p, nil
	}
	if version, err := c.Server.API.Version(ctx); err == nil && version != prefect.CloudVersion { // there the newest is always good
		p = p.Served(version)
	}
	p, _, err := Images(ctx, s, p)
	if err != nil {
		return p, err
	}
	if err := reachable(ctx, s, c, p); err != nil {
		if ctx.Err() != nil {
			return p, ctx.Err()
		}
		p = without(s, p, func(string) error { return err })
	}
	return p, nil
}

// NoImage is the error for container deployments whose image can't be had.
func NoImage(lost []draft.Block) error {
	names := make([]string, 0, len(lost))
	for _, b := range lost {
		names = append(names, b.Name)
	}
	return &fault.Error{
		Code: fault.Image, What: "no image to deploy: " + strings.Join(names, ", "), Why: "see above", Next: "correct it and run the same command again",
	}
}

// Images makes images and takes the deployments out whose image can't be had. Without Docker that is an error only where containers alone
// were asked for.
func Images(ctx context.Context, s *session.Session, p draft.Pinned) (draft.Pinned, []image.Result, error) {
	if len(p.Images) == 0 {
		return p, nil, nil
	}
	if err := s.RequireTrust(); err != nil {
		return p, nil, err
	}
	if err := Folders(p); err != nil {
		return p, nil, err
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		if p.Imaged {
			return p, nil, err
		}
		return without(s, p, func(string) error { return err }), nil, nil
	}
	results, err := makeImages(ctx, s, docker, p)
	if err != nil {
		return p, nil, err
	}
	var out []image.Result
	for _, entrypoint := range slices.Sorted(maps.Keys(results)) {
		out = append(out, results[entrypoint])
	}
	return without(s, p.Made(results), func(entrypoint string) error { return results[entrypoint].Err }), out, nil
}

// makeImages builds, checks and pushes what is missing, and tells of it. The results are by entrypoint.
func makeImages(ctx context.Context, s *session.Session, docker *image.Docker, p draft.Pinned) (map[string]image.Result, error) {
	in := image.Limited(image.Cached(image.WithBuildx(docker, credential.Public(s.Environ))), max(2, runtime.GOMAXPROCS(0)))
	out := map[string]image.Result{}
	for _, push := range []bool{false, true} {
		var entrypoints []string
		var planned []image.Planned
		for _, f := range p.Flows {
			if x, ok := p.Images[f.Entrypoint]; ok && (p.Env.Settings(f.Names()...).Container.Image.Registry != "") == push {
				entrypoints, planned = append(entrypoints, f.Entrypoint), append(planned, x)
			}
		}
		shown := &building{console: s.Console, stages: map[string]string{}}
		results := image.Ensure(ctx, in, planned, image.Options{Push: push, Log: shown.log})
		shown.end(results)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		for i, r := range results {
			out[entrypoints[i]] = r
			switch {
			case r.Err != nil:
			case r.Pushed:
				s.Console.Say("pushed %s (%.1f s)", r.Reference, r.Seconds)
			case r.Built:
				s.Console.Say("built %s (%.1f s)", r.Reference, r.Seconds)
			}
		}
	}
	return out, nil
}

// without takes out the deployments whose image can't be had, and tells of each.
func without(s *session.Session, p draft.Pinned, failed func(entrypoint string) error) draft.Pinned {
	p, told := p.Without(failed)
	for _, x := range told {
		s.Console.Findings(finding.List{x})
	}
	return p
}

// Folders makes the host's side of volumes where containers run on this machine: Docker would make them as root.
func Folders(p draft.Pinned) error {
	if draft.ContainerUser(p.Env) == "" {
		return nil
	}
	for _, f := range p.Ready {
		if _, ok := p.Images[f.Entrypoint]; !ok {
			continue
		}
		settings := p.Env.Settings(f.Names()...)
		for _, v := range render.Volumes(settings.Container.Volumes, settings.Code.Directory) {
			host, _, _ := strings.Cut(v, ":")
			if !filepath.IsAbs(host) {
				continue
			}
			if err := os.MkdirAll(host, 0o755); err != nil { //nolint:gosec // others may look at reports
				return &fault.Error{Code: fault.Image, What: "the folder of a volume can't be made", Where: host, Err: err, Next: "correct volumes in envs/"}
			}
		}
	}
	return nil
}

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
		const ask = "import sys, urllib.request; urllib.request.urlopen(sys.argv[1], timeout=30).read()"
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
