package command

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
)

// Runs lists the latest runs of the environment's deployments, the newest first.
func Runs(ctx context.Context, s *session.Session, o run.ListOptions) error {
	states, err := run.States(o.States)
	if err != nil {
		return err
	}
	env, to, owner, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	var flows []string
	if len(o.Only) > 0 {
		_, scanned, err := s.Scan(ctx, env)
		if err != nil {
			return err
		}
		chosen, err := flow.Select(scanned.Flows, o.Only)
		if err != nil {
			return err
		}
		for _, f := range chosen {
			flows = append(flows, f.Name)
		}
	}
	rows, err := run.Latest(ctx, to, owner, flows, states, o.Limit)
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"runs": rows})
	}
	return run.ShowRuns(s, rows)
}

// Reschedule has runs start again that nobody works on any more.
func Reschedule(ctx context.Context, s *session.Session, o run.RescheduleOptions) error {
	env, to, owner, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	orphans, err := run.Orphans(ctx, to, owner)
	if err != nil {
		return err
	}
	chosen, err := o.Chosen(orphans, env.Name)
	if err != nil {
		return err
	}
	list := o.Startable(s, chosen)
	if len(list) > 0 {
		if err := s.Console.ConfirmUnless(ctx, o.Yes, fmt.Sprintf("Start %s of %s again?", console.Count(len(list), "run"), owner.Tag())); err != nil {
			return err
		}
	}
	again, err := run.Reschedule(ctx, s, to.API, list)
	if err != nil {
		return err
	}
	if o.JSON {
		return s.Console.JSON(map[string]any{"rescheduled": again})
	}
	for _, x := range again {
		s.Console.Printf("rescheduled  %s (%s)\n", x.Name, x.ID)
	}
	if len(chosen) == 0 {
		s.Console.Say("no run of %s is left behind", owner.Tag())
	}
	return nil
}
