package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/workers"
)

// Worker runs a worker for each of the environment's pools until ctx ends, or starts them in the background, where env:down ends them.
func Worker(ctx context.Context, s *session.Session, o workers.Options) error {
	s.FinishOnSignal()
	env, to, flows, err := session.StartEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	return workers.Run(ctx, s, to, env, flows, o)
}
