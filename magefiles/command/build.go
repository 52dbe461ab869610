package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/console"
)

// Build renders prefect.<env>.yaml, which says what a deploy would bring to the server, and asks no server. `prefect deploy --all
// --prefect-file` takes the file too.
func Build(ctx context.Context, s *Session, o DeployOptions) error {
	d, err := s.drafted(ctx, o.Env, o.Only)
	if err != nil {
		return err
	}
	s.Console.Findings(d.findings)
	if err := d.stop(o.Strict || d.env.Name == production); err != nil {
		return err
	}
	if err := s.save(d); err != nil {
		return err
	}
	if o.JSON {
		err = s.Console.JSON(map[string]any{"environment": d.env.Name, "file": manifestName(d.env), "deployments": len(d.desired)})
	} else {
		s.Console.Printf("rendered  %s  %s\n", manifestName(d.env), console.Count(len(d.desired), "deployment"))
	}
	if err == nil && len(d.blocked) > 0 {
		err = d.blockedFault("the file leaves these out")
	}
	return err
}

// drafted is draft from the settings of the environment with that name.
func (s *Session) drafted(ctx context.Context, name string, only []string) (draft, error) {
	env, problems, err := s.settings(ctx, name)
	if err != nil {
		return draft{}, err
	}
	return s.draft(ctx, env, problems, only)
}
