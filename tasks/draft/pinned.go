package draft

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/session"
)

// Pinned is a [Judged] repository in which every container deployment has the name of its image, or a reason to have none. Neither daemon
// nor registry need to have the images yet.
type Pinned struct {
	Judged
	Images  map[string]image.Planned // of container deployments, by entrypoint
	Digests map[string]string        // in the registry, by reference; only where they are deployed
	Pushed  map[string]string        // digests in the registry, by deployment; known once the images are made

	Imageless []Block // container deployments whose image can't be had; they are among Blocked too
	Skips     []Skip
}

// Skip is a container deployment that is left out without being an error, because the settings say `containers: auto`. What the server has
// of it stays.
type Skip struct {
	Entrypoint string // empty: all of them
	Reason     finding.Finding
}

// pin plans the images of the container deployments: their Dockerfiles, files and tags. Docker is asked only whether it is there, where the
// settings say `containers: auto`, and for the digests of what the registry has, where those are deployed.
func pin(ctx context.Context, s *session.Session, j Judged) Pinned {
	p := Pinned{Judged: j}
	var wanted []flow.Flow
	for _, f := range j.Ready {
		if len(j.Env.Settings(f.Names()...).Imaged()) > 0 {
			wanted = append(wanted, f)
		}
	}
	if len(wanted) == 0 {
		return p
	}
	if p.skippable() {
		if _, err := s.Docker(ctx); err != nil {
			return p.withoutDocker(err)
		}
	}
	p.Images = map[string]image.Planned{}
	for _, f := range wanted {
		if own, ok := p.Env.Settings(f.Names()...).JobVariables["image"].(string); ok && own != "" {
			continue // somebody else builds it
		}
		planned := planImage(s, p.Env, f)
		for _, x := range planned.Findings {
			if !slices.Contains(p.Findings, x) { // several images start from the same base
				p.Findings = append(slices.Clip(p.Findings), x)
			}
		}
		if planned.Findings.HasErrors() {
			p = p.block(f, planned.Findings)
			continue
		}
		p.Images[f.Entrypoint] = planned
	}
	p.Digests = digests(ctx, s, p)
	return p
}

// skippable tells whether container deployments may be left out where they are impossible.
func (p Pinned) skippable() bool {
	return p.Env.Containers == session.Auto && !p.Imaged
}

// withoutDocker leaves all container deployments out, and says so once.
func (p Pinned) withoutDocker(err error) Pinned {
	f := fault.Of(err)
	reason := catalogue.New("containers-skipped", finding.Surroundings(), finding.Finding{
		Position: p.Env.Origin("containers").Position,
		Message:  "container deployments are skipped: " + f.What, Why: f.Cause(), Fix: f.Next,
	})
	p.Skips = append(slices.Clip(p.Skips), Skip{Reason: reason})
	p.Findings = append(slices.Clip(p.Findings), reason)
	p.Env = p.Env.Without(kind.Imaged(kind.All())...)
	return p
}

// block takes a flow's container deployments out, as an error.
func (p Pinned) block(f flow.Flow, reasons finding.List) Pinned {
	blocks := p.blocks(f, p.Env.Settings(f.Names()...).Imaged(), reasons)
	p.Blocked, p.Imageless = slices.Concat(p.Blocked, blocks), slices.Concat(p.Imageless, blocks)
	return p
}

// Without takes out the container deployments whose image can't be had: failed gives the reason, or nil, by entrypoint. They are blocked, or
// with `containers: auto` skipped when they lack only an image to start from, which this machine may have no way to get. The findings tell
// of each.
func (p Pinned) Without(failed func(entrypoint string) error) (Pinned, finding.List) {
	var told finding.List
	images := maps.Clone(p.Images)
	for _, f := range p.Flows {
		planned, has := p.Images[f.Entrypoint]
		err := failed(f.Entrypoint)
		if !has || err == nil {
			continue
		}
		x := fault.Of(err)
		reason := catalogue.New("image", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: finding.Position{File: planned.Spec.Dockerfile}, Subject: f.Name, Message: x.What, Why: x.Cause(), Fix: x.Next,
		})
		delete(images, f.Entrypoint)
		if p.skippable() && errors.Is(err, image.ErrNoBase) {
			reason.Severity, reason.Message = finding.Warning, "its container deployment is skipped: "+x.What
			p.Skips = append(slices.Clip(p.Skips), Skip{f.Entrypoint, reason})
		} else {
			p = p.block(f, finding.List{reason})
		}
		told = append(told, reason)
	}
	p.Images = images
	return p, told
}

// Made notes the digests that images have got in the registry.
func (p Pinned) Made(results map[string]image.Result) Pinned {
	p.Digests, p.Pushed = maps.Clone(p.Digests), map[string]string{}
	for _, f := range p.Flows {
		r := results[f.Entrypoint]
		if r.Err != nil || r.Digest == "" {
			continue
		}
		for _, name := range p.Deployments(f, p.Env.Settings(f.Names()...).Imaged()) {
			p.Pushed[name] = r.Digest
		}
		if p.byDigest(p.Images[f.Entrypoint]) {
			p.Digests[r.Reference] = r.Digest
		}
	}
	return p
}

// References gives the images that deployments name, by entrypoint.
func (p Pinned) References() map[string]string {
	out := map[string]string{}
	for entrypoint, planned := range p.Images {
		reference := planned.Spec.Reference()
		if digest := p.Digests[reference]; digest != "" {
			reference = planned.Spec.Repository + "@" + digest
		}
		out[entrypoint] = reference
	}
	return out
}

// renders tells whether a flow's deployment of a kind is rendered.
func (p Pinned) renders(f flow.Flow, k kind.Kind) bool {
	return !k.NeedsImage() ||
		!slices.ContainsFunc(p.Imageless, func(b Block) bool { return b.Entrypoint == f.Entrypoint }) &&
			!slices.ContainsFunc(p.Skips, func(x Skip) bool { return x.Entrypoint == f.Entrypoint })
}

// digests looks up images that are in the registry already, where their digests are deployed. What can't be known yet will be built.
func digests(ctx context.Context, s *session.Session, p Pinned) map[string]string {
	out := map[string]string{}
	defer s.Await("the registry to tell which images it has")()
	for _, planned := range p.Images {
		if !p.byDigest(planned) {
			continue
		}
		docker, err := s.Docker(ctx)
		if err != nil {
			break
		}
		if digest, there, err := docker.Digest(ctx, planned.Spec.Reference()); err == nil && there {
			out[planned.Spec.Reference()] = digest
		}
	}
	return out
}

// byDigest tells whether an image is deployed by its digest.
func (p Pinned) byDigest(planned image.Planned) bool {
	for _, f := range p.Flows {
		if q, ok := p.Images[f.Entrypoint]; ok && q.Spec.Reference() == planned.Spec.Reference() {
			return p.Env.Settings(f.Names()...).Container.Image.Pin == "digest"
		}
	}
	return false
}

// Served makes the checks of images ask whether their release of Prefect goes with the server's.
func (p Pinned) Served(release string) Pinned {
	images := maps.Clone(p.Images)
	for entrypoint, planned := range images {
		check := *planned.Spec.Check
		check.Server, planned.Spec.Check = release, &check
		images[entrypoint] = planned
	}
	p.Images = images
	return p
}
