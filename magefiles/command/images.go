package command

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/session"
)

// kept is an image of the project on this machine, and what needs it.
type kept struct {
	image.Image
	Flows      []string `json:"flows"`      // that the environment deploys from it as they are now
	Containers []string `json:"containers"` // that are made from it, running or not
}

// Images lists the project's images on this machine.
func Images(ctx context.Context, s *session.Session, o EnvOptions) error {
	d, err := draft.From(ctx, s, draft.Options{Env: o.Env, Kind: session.Container, Unnamed: true})
	if err != nil {
		return err
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		return err
	}
	list, err := keptImages(ctx, s, docker, d)
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"project": d.Env.Project, "images": list})
	}
	if len(list) == 0 {
		s.Console.Say("no image of %s is on this machine; mage deploy:build makes them", d.Env.Project)
	}
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	for _, i := range list {
		name := cmp.Or(strings.Join(i.References, " "), i.ID[:min(19, len(i.ID))])
		uses := slices.Concat(i.Flows, i.Containers)
		if len(i.References)+len(uses) == 0 { // a stage that no image keeps, or what a failed build got to
			uses = []string{"kept for the next build of " + i.Labels[image.LabelName]}
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", name, image.Size(i.Bytes), image.Age(i.Created), cmp.Or(strings.Join(uses, ", "), "unused"))
	}
	return w.Flush()
}

func keptImages(ctx context.Context, s *session.Session, docker *image.Docker, d draft.Rendered) ([]kept, error) {
	list, err := docker.List(ctx, d.Env.Project)
	if err != nil {
		return nil, err
	}
	out := make([]kept, 0, len(list))
	for _, i := range list {
		k := kept{Image: i, Flows: []string{}}
		for _, f := range d.Flows {
			p, ok := d.Images[f.Entrypoint]
			if !ok {
				continue
			}
			for _, spec := range append(slices.Clone(p.Bases), p.Spec) {
				if slices.Contains(i.References, spec.Reference()) {
					k.Flows = append(k.Flows, f.Name)
				}
			}
		}
		if k.Containers, err = docker.Users(ctx, i.ID); err != nil {
			return nil, err
		}
		out = append(out, k)
	}
	return out, nil
}

// VerifyImages looks into each image that the environment's flows are deployed from: is it there, and would its flow run.
func VerifyImages(ctx context.Context, s *session.Session, o VerifyOptions) error {
	if err := s.RequireTrust(); err != nil {
		return err
	}
	d, err := draft.From(ctx, s, draft.Options{Env: o.Env, Only: o.Only, Kind: session.Container, Unnamed: true})
	if err != nil {
		return err
	}
	if len(d.Blocked) > 0 {
		s.Console.Findings(d.Findings)
		return d.BlockedFault("their images can't be looked into")
	}
	if len(d.Images) == 0 {
		s.Console.Say("%s deploys no flow as a container", d.Env.Name)
		return climbed(s, o, ladder.Rungs{})
	}
	docker, err := s.Docker(ctx)
	if err != nil {
		return err
	}
	if err := build.Folders(s, d.Pinned); err != nil {
		return err
	}
	flows := slices.DeleteFunc(slices.Clone(d.Flows), func(f flow.Flow) bool { _, ok := d.Images[f.Entrypoint]; return !ok })
	noted := sync.OnceValues(func() (map[string]string, error) { return noted(ctx, s, d) })
	rungs := make(ladder.Rungs, len(flows))
	var wait sync.WaitGroup
	for i, f := range flows {
		settings, spec := d.Env.Settings(f.Names()...), d.Images[f.Entrypoint].Spec
		rungs[i] = ladder.Rung{Name: "image of " + f.Name, Detail: spec.Reference(), Next: "mage deploy:build -env=" + d.Env.Name}
		wait.Go(func() {
			start := time.Now()
			var err error
			if settings.Container.Image.Registry == "" {
				err = image.Look(ctx, docker, spec)
			} else {
				err = published(ctx, docker, spec, settings.DeploymentName(f.Slug(), session.Container), noted)
			}
			rungs[i].Seconds = time.Since(start).Seconds()
			judged(&rungs[i], err)
		})
	}
	wait.Wait()
	return climbed(s, o, rungs)
}

// noted gives the digests of what was deployed by tag. Where they are deployed themselves, the server has them, and comparing deployments
// compares them.
func noted(ctx context.Context, s *session.Session, d draft.Rendered) (map[string]string, error) {
	to, err := s.Connect(ctx, d.Env, session.Access{})
	if err != nil {
		return nil, err
	}
	return deploy.Digests(ctx, to.API, d.Owner())
}

// published looks into an image of a registry. There it must be, and be what was deployed; what it has inside can be told only where it is
// on this machine too.
func published(ctx context.Context, docker *image.Docker, spec image.Spec, deployment string, noted func() (map[string]string, error)) error {
	digest, there, err := docker.Digest(ctx, spec.Reference())
	if err != nil {
		return err
	}
	if !there {
		return &fault.Error{Code: fault.Image, What: "the registry has no image " + spec.Reference(), Why: "it was never pushed, or was removed there"}
	}
	deployed, err := noted()
	if err != nil {
		return err
	}
	if was := deployed[deployment]; was != "" && was != digest {
		return &fault.Error{
			Code: fault.Image, What: spec.Reference() + " is another image than was deployed", Why: fmt.Sprintf("it was %s and is %s: somebody has pushed under that tag", was, digest),
			Next: "find out who, or write `pin: digest` under image in envs/, so that runs get what was deployed",
		}
	}
	if _, here, err := docker.Inspect(ctx, spec.Reference()); err != nil || !here {
		return err
	}
	return image.Look(ctx, docker, spec)
}

// judged completes the rung of an image.
func judged(r *ladder.Rung, err error) {
	r.State = ladder.OK
	if err == nil {
		r.Next = ""
		return
	}
	x := fault.Of(err)
	r.State, r.Code, r.Detail, r.Why, r.Next = ladder.Failed, fault.Image, x.What, x.Cause(), cmp.Or(x.Next, r.Next)
}
