package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/session"
)

// Clean lists our deployments and work pools of the environment, asks, and deletes them with the receipts. What lacks our tag stays. Narrowed to
// some deployments, it deletes those alone and leaves a receipt.
func Clean(ctx context.Context, s *session.Session, o deploying.CleanOptions) error {
	if err := o.Check(); err != nil {
		return err
	}
	env, err := session.LoadEnv(ctx, s, o.Env, o.Flags)
	if err != nil {
		return err
	}
	to, err := s.Connect(ctx, env, session.Access{})
	if err != nil {
		return err
	}
	return deploying.Clean(ctx, s, o, env, to, session.OwnerOf(env))
}
