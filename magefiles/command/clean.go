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
	env, to, owner, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	c := &deploying.Cleaning{S: s, O: o, Env: env, To: to, Owner: owner}
	if c.List, err = c.Look(ctx); err != nil {
		return err
	}
	untagged, err := c.Untagged(ctx)
	if err != nil {
		return err
	}
	c.Mention(c.List.Left, untagged)
	if c.List.Empty() {
		return c.Nothing(ctx)
	}
	if err := c.Show(c.List); err != nil {
		return err
	}
	if err := c.Agree(ctx, c.List); err != nil {
		return err
	}
	result, err := c.Run(ctx)
	if err != nil {
		return err
	}
	if err := c.Report(result); err != nil || !o.Images {
		return err
	}
	return deploying.CleanImages(ctx, s, o, owner.Project)
}
