package draft

import (
	"errors"
	"maps"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/kind"
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

// pin gives the container deployments their images, and blocks those whose image is planned with errors.
func pin(j Judged, images Images) Pinned {
	p := Pinned{Judged: j, Digests: images.Digests}
	p.Findings = slices.Concat(p.Findings, images.About)
	if images.Lacking != nil {
		return p.withoutDocker(images.Lacking)
	}
	p.Images = map[string]image.Planned{}
	for _, f := range j.Ready {
		planned, wanted := images.Planned[f.Entrypoint]
		if !wanted {
			continue
		}
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
	return p
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
		if byDigest(p.Read, p.Images, p.Images[f.Entrypoint]) {
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
