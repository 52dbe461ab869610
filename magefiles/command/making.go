package command

import (
	"context"
	"errors"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/render"
)

// build makes the images that the plan's container deployments need, and blocks those whose image can't be had; the others go on. Where
// that changes what is deployed, the plan is made again.
func (s *Session) build(ctx context.Context, o DeployOptions, c *comparison) error {
	d := &c.draft
	if len(d.images) == 0 {
		return nil
	}
	before := d.references()
	if version, err := c.server.api.Version(ctx); err == nil && version != prefect.CloudVersion { // there the newest is always good
		for _, p := range d.images {
			p.Spec.Check.Server = version
		}
	}
	if _, err := s.ensure(ctx, d); err != nil {
		return err
	}
	if err := s.reachable(ctx, c); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.drop(d, func(string) error { return err })
	}
	if maps.Equal(before, d.references()) {
		return nil
	}
	if err := s.render(d); err != nil {
		return err
	}
	if lost := d.imageless(); len(lost) > 0 && (o.Strict || d.env.Name == production || len(d.desired) == 0) {
		return noImage(lost)
	}
	var err error
	c.plan, err = s.compare(ctx, c.server, *d, o, c.live)
	return err
}

func noImage(lost []string) error {
	return &fault.Error{
		Code: fault.Image, What: "no image to deploy: " + strings.Join(lost, ", "), Why: "see above", Next: "correct it and run the same command again",
	}
}

func (d *draft) imageless() []string {
	var out []string
	for _, b := range d.blocked {
		if d.withoutImage[b.entrypoint] {
			out = append(out, b.name)
		}
	}
	return out
}

// ensure makes images and takes those that can't be had out of the draft. Without Docker that is an error only where containers alone were
// asked for.
func (s *Session) ensure(ctx context.Context, d *draft) ([]image.Result, error) {
	if len(d.images) == 0 {
		return nil, nil
	}
	if err := s.Trusted(); err != nil {
		return nil, err
	}
	if err := s.folders(*d); err != nil {
		return nil, err
	}
	docker, err := s.docker(ctx)
	if err != nil {
		if d.imaged {
			return nil, err
		}
		s.drop(d, func(string) error { return err })
		return nil, nil
	}
	results, err := s.make(ctx, docker, d)
	if err != nil {
		return nil, err
	}
	var out []image.Result
	for _, entrypoint := range slices.Sorted(maps.Keys(results)) {
		r := results[entrypoint]
		out = append(out, r)
		if r.Err == nil && r.Digest != "" && d.pins(d.images[entrypoint]) {
			d.digests[r.Reference] = r.Digest
		}
	}
	d.pushed = map[string]string{}
	for _, f := range d.flows {
		if r := results[f.Entrypoint]; r.Err == nil && r.Digest != "" {
			for _, name := range d.deployments(f, d.env.Settings(f.Names()...).Imaged()) {
				d.pushed[name] = r.Digest
			}
		}
	}
	s.drop(d, func(entrypoint string) error { return results[entrypoint].Err })
	return out, nil
}

// make builds, checks and pushes what is missing, and tells of it.
func (s *Session) make(ctx context.Context, docker *image.Docker, d *draft) (map[string]image.Result, error) {
	in := image.Limited(image.Cached(image.WithBuildx(docker, credential.Public(s.Environ))), max(2, runtime.GOMAXPROCS(0)))
	out := map[string]image.Result{}
	for _, push := range []bool{false, true} {
		var entrypoints []string
		var planned []image.Planned
		for _, f := range d.flows {
			if p, ok := d.images[f.Entrypoint]; ok && (d.env.Settings(f.Names()...).Container.Image.Registry != "") == push {
				entrypoints, planned = append(entrypoints, f.Entrypoint), append(planned, p)
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

// drop blocks the container deployments that failed gives an error for, or with `containers: auto` skips those that lack only an image
// to start from, which this machine may have no way to get.
func (s *Session) drop(d *draft, failed func(entrypoint string) error) {
	for _, f := range d.flows {
		p, planned := d.images[f.Entrypoint]
		err := failed(f.Entrypoint)
		if !planned || err == nil {
			continue
		}
		x := faultOf(err)
		reason := catalogue.New("image", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: p.Spec.Dockerfile}, Subject: f.Name, Message: x.What, Why: x.Cause(), Fix: x.Next,
		})
		delete(d.images, f.Entrypoint)
		if d.env.Containers == auto && !d.imaged && errors.Is(err, image.ErrNoBase) {
			d.skipped = true
			d.leaveOut(f)
			reason.Severity, reason.Message = finding.Warning, "its container deployment is skipped: "+x.What
		} else {
			d.blockContainer(f, finding.List{reason})
		}
		s.Console.Findings(finding.List{reason})
	}
}

// folders makes the host's side of volumes where containers run on this machine: Docker would make them as root.
func (s *Session) folders(d draft) error {
	if s.containerUser(d.env) == "" {
		return nil
	}
	for _, f := range d.ready {
		if _, ok := d.images[f.Entrypoint]; !ok {
			continue
		}
		settings := d.env.Settings(f.Names()...)
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
