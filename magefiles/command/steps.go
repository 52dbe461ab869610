package command

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/manifest"
	"github.com/flowmage/flowmage/tasks/step"
)

// steps runs the build and push steps of one deployment in the repository's folder, each with what those before it gave out.
func (s *Session) steps(ctx context.Context, deployment string, list []manifest.Step) (manifest.Outputs, error) {
	outputs := manifest.Outputs{}
	for i, x := range list {
		name := x.ID
		if name == "" {
			name = fmt.Sprintf("number %d", i+1)
		}
		s.Console.Say("%s: step %s", deployment, name)
		out, problems, err := step.Run(ctx, outputs.Step(x), step.Place{Root: s.Root, Environ: s.Environ, Echo: s.Console.Err()})
		if err != nil {
			return nil, err
		}
		outputs.Add(x, out, problems)
	}
	return outputs, nil
}
