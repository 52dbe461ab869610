package command

import (
	"cmp"
	"context"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/image"
)

// Build builds the images of container deployments and renders prefect.<env>.yaml, which says what a deploy would bring to the server, and
// asks no server. `prefect deploy --all --prefect-file` takes the file too, and so it is written only when it holds all deployments.
func Build(ctx context.Context, s *Session, o DeployOptions) error {
	d, err := s.drafted(ctx, o)
	if err != nil {
		return err
	}
	s.Console.Findings(d.findings)
	if err := d.stop(o.Strict || d.env.Name == production); err != nil {
		return err
	}
	made, err := s.ensure(ctx, &d)
	if err != nil {
		return err
	}
	if err := s.render(&d); err != nil {
		return err
	}
	file, err := s.keep(d, o)
	if err != nil {
		return err
	}
	if o.JSON {
		err = s.Console.JSON(map[string]any{
			"environment": d.env.Name, "file": file, "deployments": len(d.desired), "images": append([]image.Result{}, made...),
		})
	} else {
		for _, r := range made {
			s.Console.Printf("%-9s %s  %s\n", r.State(), r.Name, cmp.Or(r.Failure, r.Reference))
		}
		s.reportRendered(d, o, file)
	}
	if lost := d.imageless(); err == nil && len(lost) > 0 && len(lost) == len(d.blocked) {
		return noImage(lost)
	}
	if err == nil && len(d.blocked) > 0 {
		err = d.blockedFault(manifestName(d.env) + " was not written")
	}
	return err
}

// reportRendered prints a line about the rendered manifest; file is empty when it was not written.
func (s *Session) reportRendered(d draft, o DeployOptions, file string) {
	if file == "" {
		s.Console.Printf("skipped   %s  %s\n", manifestName(d.env), d.incomplete(o))
		return
	}
	s.Console.Printf("rendered  %s  %s\n", file, console.Count(len(d.desired), "deployment"))
}

// drafted is draft from the settings of the environment that is asked for.
func (s *Session) drafted(ctx context.Context, o DeployOptions) (draft, error) {
	if err := o.Kind.Check(); err != nil {
		return draft{}, err
	}
	env, problems, err := s.settings(ctx, o.Env)
	if err != nil {
		return draft{}, err
	}
	return s.draft(ctx, env, problems, o)
}
