package build

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/render"
	"github.com/flowmage/flowmage/tasks/session"
)

// Missing makes the images that the plan's container deployments need, and blocks those whose image can't be had; the others go on. Where
// that changes what is deployed, the plan is made again.
func Missing(ctx context.Context, s *session.Session, o draft.Options, c *draft.Compared) error {
	d := &c.Draft
	if len(d.Images) == 0 {
		return nil
	}
	before := d.References()
	if version, err := c.Server.API.Version(ctx); err == nil && version != prefect.CloudVersion { // there the newest is always good
		for _, p := range d.Images {
			p.Spec.Check.Server = version
		}
	}
	if _, err := Images(ctx, s, d); err != nil {
		return err
	}
	if err := reachable(ctx, s, c); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		drop(s, d, func(string) error { return err })
	}
	if maps.Equal(before, d.References()) {
		return nil
	}
	if err := draft.Render(s, d); err != nil {
		return err
	}
	if lost := d.Imageless(); len(lost) > 0 && (o.Strict || d.Env.Name == draft.Production || len(d.Desired) == 0) {
		return NoImage(lost)
	}
	var err error
	c.Plan, err = draft.Compare(ctx, s, c.Server, *d, o, c.Live)
	return err
}

func NoImage(lost []string) error {
	return &fault.Error{
		Code: fault.Image, What: "no image to deploy: " + strings.Join(lost, ", "), Why: "see above", Next: "correct it and run the same command again",
	}
}

// Images makes images and takes those that can't be had out of the draft. Without Docker that is an error only where containers alone were
// asked for.
func Images(ctx context.Context, s *session.Session, d *draft.Draft) ([]image.Result, error) {
	if len(d.Images) == 0 {
		return nil, nil
	}
	if err := s.RequireTrust(); err != nil {
		return nil, err
	}
	if err := Folders(s, *d); err != nil {
		return nil, err
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		if d.Kind == session.Container {
			return nil, err
		}
		drop(s, d, func(string) error { return err })
		return nil, nil
	}
	results, err := makeImages(ctx, s, docker, d)
	if err != nil {
		return nil, err
	}
	var out []image.Result
	for _, entrypoint := range slices.Sorted(maps.Keys(results)) {
		r := results[entrypoint]
		out = append(out, r)
		if r.Err == nil && r.Digest != "" && d.Pins(d.Images[entrypoint]) {
			d.Digests[r.Reference] = r.Digest
		}
	}
	d.Pushed = map[string]string{}
	for _, f := range d.Flows {
		if r := results[f.Entrypoint]; r.Err == nil && r.Digest != "" {
			d.Pushed[d.Env.Settings(f.Names()...).DeploymentName(f.Slug(), session.Container)] = r.Digest
		}
	}
	drop(s, d, func(entrypoint string) error { return results[entrypoint].Err })
	return out, nil
}

// makeImages builds, checks and pushes what is missing, and tells of it.
func makeImages(ctx context.Context, s *session.Session, docker *image.Docker, d *draft.Draft) (map[string]image.Result, error) {
	in := image.Limited(image.Cached(image.WithBuildx(docker, credential.Public(s.Environ))), max(2, runtime.GOMAXPROCS(0)))
	out := map[string]image.Result{}
	for _, push := range []bool{false, true} {
		var entrypoints []string
		var planned []image.Planned
		for _, f := range d.Flows {
			if p, ok := d.Images[f.Entrypoint]; ok && (d.Env.Settings(f.Names()...).Container.Image.Registry != "") == push {
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
func drop(s *session.Session, d *draft.Draft, failed func(entrypoint string) error) {
	for _, f := range d.Flows {
		p, planned := d.Images[f.Entrypoint]
		err := failed(f.Entrypoint)
		if !planned || err == nil {
			continue
		}
		x := fault.Of(err)
		reason := finding.Finding{
			Code: "image", Severity: finding.Error, Position: finding.Position{File: p.Spec.Dockerfile}, Subject: f.Name, Message: x.What, Why: x.Cause(), Fix: x.Next,
		}
		delete(d.Images, f.Entrypoint)
		if d.Env.Containers == session.Auto && d.Kind != session.Container && image.NoBase(err) {
			d.Skipped = true
			d.LeaveOut(f)
			reason.Severity, reason.Message = finding.Warning, "its container deployment is skipped: "+x.What
		} else {
			d.BlockContainer(f, finding.List{reason})
		}
		s.Console.Findings(finding.List{reason})
	}
}

// Folders makes the host's side of volumes where containers run on this machine: Docker would make them as root.
func Folders(s *session.Session, d draft.Draft) error {
	if draft.ContainerUser(s, d.Env) == "" {
		return nil
	}
	for _, f := range d.Ready {
		if _, ok := d.Images[f.Entrypoint]; !ok {
			continue
		}
		settings := d.Env.Settings(f.Names()...)
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
