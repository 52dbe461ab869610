package run

import (
	"context"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// RescheduleOptions are the choices of flows:reschedule.
type RescheduleOptions struct {
	Env   string
	Runs  []string // names or ids; none is all that have not begun
	Begun bool     // those too that had begun
	Yes   bool     // don't ask
	JSON  bool
}

// Chosen gives those of the runs that were asked for.
func (o RescheduleOptions) Chosen(list []Orphan, env string) ([]Orphan, error) {
	if len(o.Runs) == 0 {
		return list, nil
	}
	var out []Orphan
	for _, name := range o.Runs {
		i := slices.IndexFunc(list, func(x Orphan) bool { return x.ID == name || x.Name == name })
		if i < 0 {
			return nil, &fault.Error{
				Code: fault.Usage, What: "no run left behind has the name or id " + name,
				Why: "only runs that nobody works on are started again from here", Next: "mage deploy:status -env=" + env + " lists them",
			}
		}
		out = append(out, list[i])
	}
	return out, nil
}

// Startable shows the runs, and gives those that may start again.
func (o RescheduleOptions) Startable(s *session.Session, list []Orphan) []Orphan {
	var out []Orphan
	for _, x := range list {
		if x.Begun && !o.Begun {
			s.Console.Warn("%s; what it did is done, and it may be alive where its worker is not: -begun has it start again", x)
			continue
		}
		s.Console.Say("~ %s", x)
		out = append(out, x)
	}
	return out
}

// Reschedule has runs start again, and gives those that do; the others have moved on since they were found.
func Reschedule(ctx context.Context, s *session.Session, api *prefect.Client, list []Orphan) ([]Orphan, error) {
	again := []Orphan{}
	for _, o := range list {
		ok, err := restart(ctx, api, o)
		if err != nil {
			return again, err
		}
		if !ok {
			s.Console.Say("%s has moved on by itself", o.Name)
			continue
		}
		again = append(again, o)
	}
	return again, nil
}

// restart has a run start again at once. It reads the run first: one that has moved on is not touched, and the answer is false.
func restart(ctx context.Context, api *prefect.Client, o Orphan) (bool, error) {
	run, err := api.FlowRun(ctx, o.ID)
	if err != nil || run.State.Type != o.State || !run.State.Timestamp.Equal(o.Since) {
		return false, err
	}
	answer, err := api.SetFlowRunState(ctx, o.ID, prefect.State{
		Type: prefect.StateScheduled, Name: "Scheduled", Message: "left behind: " + strings.TrimSpace(o.Why),
	}, true)
	return answer.Accepted(), err
}
