package command

import (
	"cmp"
	"context"

	"github.com/flowmage/flowmage/tasks/build"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/session"
)

// Build builds the images of container deployments and renders prefect.<env>.yaml, which says what a deploy would bring to the server, and
// asks no server. `prefect deploy --all --prefect-file` takes the file too, and so it is written only when it holds all deployments.
func Build(ctx context.Context, s *session.Session, o deploying.Options) error {
	r, err := draft.From(ctx, s, o.Options)
	if err != nil {
		return err
	}
	s.Console.Findings(r.Findings)
	if err := r.Stop(r.Strict()); err != nil {
		return err
	}
	pinned, made, err := build.Images(ctx, s, r.Pinned)
	if err != nil {
		return err
	}
	if r, err = draft.Render(s.Tree(), pinned); err != nil {
		return err
	}
	file, err := build.Manifest(s, r)
	if err != nil {
		return err
	}
	if o.JSON {
		err = s.Console.JSON(map[string]any{
			"environment": r.Env.Name, "file": file, "deployments": len(r.Desired), "images": append([]image.Result{}, made...),
		})
	} else {
		for _, x := range made {
			s.Console.Printf("%-9s %s  %s\n", x.State(), x.Name, cmp.Or(x.Failure, x.Reference))
		}
		reportRendered(s, r, file)
	}
	if err == nil && len(r.Imageless) > 0 && len(r.Imageless) == len(r.Blocked) {
		return build.NoImage(r.Imageless)
	}
	if err == nil && len(r.Blocked) > 0 {
		err = r.BlockedFault(draft.ManifestName(r.Env) + " was not written")
	}
	return err
}

// reportRendered prints a line about the rendered manifest; file is empty when it was not written.
func reportRendered(s *session.Session, r draft.Rendered, file string) {
	if file == "" {
		s.Console.Printf("skipped   %s  %s\n", draft.ManifestName(r.Env), r.Incomplete())
		return
	}
	s.Console.Printf("rendered  %s  %s\n", file, console.Count(len(r.Desired), "deployment"))
}
