package command

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
)

// Reschedule has runs start again that nobody works on any more.
func Reschedule(ctx context.Context, s *session.Session, o run.RescheduleOptions) error {
	env, to, owner, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	left, err := run.Behind(ctx, to, owner)
	if err != nil {
		return err
	}
	if left, err = o.Chosen(left, env.Name); err != nil {
		return err
	}
	list := run.Startable(s, left, o.Begun)
	if len(list) > 0 {
		if err := s.Console.ConfirmUnless(ctx, o.Yes, fmt.Sprintf("Start %s of %s again?", console.Count(len(list), "run"), owner.Tag())); err != nil {
			return err
		}
	}
	again, err := run.Reschedule(ctx, s, to, list)
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"rescheduled": again})
	}
	for _, l := range again {
		s.Console.Printf("rescheduled  %s (%s)\n", l.Name, l.ID)
	}
	if len(left) == 0 {
		s.Console.Say("no run of %s is left behind", owner.Tag())
	}
	return nil
}
