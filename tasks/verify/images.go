package verify

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
)

// Images looks into the image of each flow of the draft, all at once: is it there, and would its flow run. The rungs stand side by side.
func Images(ctx context.Context, s *session.Session, docker *image.Docker, d draft.Rendered) ladder.Rungs {
	flows := slices.DeleteFunc(slices.Clone(d.Flows), func(f flow.Flow) bool { _, ok := d.Images[f.Entrypoint]; return !ok })
	noted := sync.OnceValues(func() (map[string]string, error) { return notedDigests(ctx, s, d) })
	rungs := make(ladder.Rungs, len(flows))
	var all sync.WaitGroup
	for i, f := range flows {
		settings, spec := d.Env.Settings(f.Names()...), d.Images[f.Entrypoint].Spec
		rungs[i] = ladder.Rung{Name: "image of " + f.Name, Detail: spec.Reference(), Next: "mage deploy:build -env=" + d.Env.Name}
		all.Go(func() {
			start := time.Now()
			var err error
			if settings.Container.Image.Registry == "" {
				err = image.Look(ctx, docker, spec)
			} else {
				err = published(ctx, docker, spec, d.Deployments(f, settings.Imaged()), noted)
			}
			rungs[i].Seconds = time.Since(start).Seconds()
			judged(&rungs[i], err)
		})
	}
	all.Wait()
	return rungs
}

// notedDigests gives the digests of what was deployed by tag. Where they are deployed themselves, the server has them, and comparing deployments
// compares them.
func notedDigests(ctx context.Context, s *session.Session, d draft.Rendered) (map[string]string, error) {
	to, err := s.Connect(ctx, d.Env, session.Access{})
	if err != nil {
		return nil, err
	}
	return receipt.Digests(ctx, to.API, d.Owner())
}

// published looks into an image of a registry. There it must be, and be what was deployed; what it has inside can be told only where it is
// on this machine too.
func published(ctx context.Context, docker *image.Docker, spec image.Spec, deployments []string, noted func() (map[string]string, error)) error {
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
	for _, name := range deployments {
		if was := deployed[name]; was != "" && was != digest {
			return &fault.Error{
				Code: fault.Image, What: spec.Reference() + " is another image than was deployed", Why: fmt.Sprintf("it was %s and is %s: somebody has pushed under that tag", was, digest),
				Next: "find out who, or write `pin: digest` under image in envs/, so that runs get what was deployed",
			}
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
