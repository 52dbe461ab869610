package command

import (
	"cmp"
	"context"

	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/session"
)

// Build builds the images of container deployments and renders prefect.<env>.yaml, which says what a deploy would bring to the server, and
// asks no server. `prefect deploy --all --prefect-file` takes the file too, and so it is written only when it holds all deployments.
func Build(ctx context.Context, s *session.Session, o draft.Options) error {
	d, err := draft.For(ctx, s, o)
	if err != nil {
		return err
	}
	s.Console.Findings(d.Findings)
	if err := d.Stop(o.Strict || d.Env.Name == draft.Production); err != nil {
		return err
	}
	made, err := build.Images(ctx, s, &d)
	if err != nil {
		return err
	}
	if err := draft.Render(s, &d); err != nil {
		return err
	}
	file, err := draft.Keep(s, d, o)
	if err != nil {
		return err
	}
	if o.JSON {
		err = s.Console.JSON(map[string]any{
			"environment": d.Env.Name, "file": file, "deployments": len(d.Desired), "images": append([]image.Result{}, made...),
		})
	} else {
		for _, r := range made {
			s.Console.Printf("%-9s %s  %s\n", r.State(), r.Name, cmp.Or(r.Failure, r.Reference))
		}
		reportRendered(s, d, o, file)
	}
	if lost := d.Imageless(); err == nil && len(lost) > 0 && len(lost) == len(d.Blocked) {
		return build.NoImage(lost)
	}
	if err == nil && len(d.Blocked) > 0 {
		err = d.BlockedFault(draft.ManifestName(d.Env) + " was not written")
	}
	return err
}

// reportRendered prints a line about the rendered manifest; file is empty when it was not written.
func reportRendered(s *session.Session, d draft.Draft, o draft.Options, file string) {
	if file == "" {
		s.Console.Printf("skipped   %s  %s\n", draft.ManifestName(d.Env), d.Incomplete(o))
		return
	}
	s.Console.Printf("rendered  %s  %s\n", file, console.Count(len(d.Desired), "deployment"))
}
