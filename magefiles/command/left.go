package command

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/console"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/verify"
)

// RescheduleOptions are the choices of flows:reschedule.
type RescheduleOptions struct {
	Env   string
	Runs  []string // names or ids; none is all that have not begun
	Begun bool     // those too that had begun
	Yes   bool     // don't ask
	JSON  bool
}

// born tells when the workers started that run here: the embedded ones keep their names.
func (to server) born(ctx context.Context) (map[string]time.Time, error) {
	if to.embedded == nil {
		return nil, nil //nolint:nilnil // none is known
	}
	status, err := to.embedded.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for _, w := range status.Workers {
		out[w.Worker] = w.WorkerFrom
	}
	return out, nil
}

// leftBehind gives the owner's runs that nobody works on any more.
func (to server) leftBehind(ctx context.Context, owner ownership.Owner) ([]verify.Left, error) {
	born, err := to.born(ctx)
	if err != nil {
		return nil, err
	}
	left, err := verify.LeftBehind(ctx, to.api, owner.Tags(), born)
	if left == nil {
		left = []verify.Left{}
	}
	return left, err
}

// showLeft names runs that nobody works on, and what to do.
func (s *Session) showLeft(left []verify.Left, env string) {
	if len(left) == 0 {
		return
	}
	s.Console.Printf("runs          %s left behind; mage flows:reschedule -env=%s\n", console.Count(len(left), "run"), env)
	for _, l := range left {
		s.Console.Printf("  %s\n", describeLeft(l))
	}
}

func describeLeft(l verify.Left) string {
	text := fmt.Sprintf("%s (%s): %s since %s, %s", l.Name, l.ID, l.State, l.Since.Local().Format(time.DateTime), l.Why)
	if l.Begun {
		text += "; it had begun"
	}
	return text
}

// Reschedule has runs start again that nobody works on any more.
func Reschedule(ctx context.Context, s *Session, o RescheduleOptions) error {
	env, to, owner, err := s.open(ctx, o.Env)
	if err != nil {
		return err
	}
	left, err := to.leftBehind(ctx, owner)
	if err != nil {
		return err
	}
	if left, err = o.chosen(left, env.Name); err != nil {
		return err
	}
	list := s.startable(left, o.Begun)
	if len(list) > 0 {
		if err := s.agreed(ctx, o.Yes, fmt.Sprintf("Start %s of %s again?", console.Count(len(list), "run"), owner.Tag())); err != nil {
			return err
		}
	}
	again, err := s.reschedule(ctx, to, list)
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

// startable shows the runs, and gives those that may start again.
func (s *Session) startable(left []verify.Left, begun bool) []verify.Left {
	var out []verify.Left
	for _, l := range left {
		if l.Begun && !begun {
			s.Console.Warn("%s; what it did is done, and it may be alive where its worker is not: -begun has it start again", describeLeft(l))
			continue
		}
		s.Console.Say("~ %s", describeLeft(l))
		out = append(out, l)
	}
	return out
}

// reschedule gives those that start again; the others have moved on since they were found.
func (s *Session) reschedule(ctx context.Context, to server, list []verify.Left) ([]verify.Left, error) {
	again := []verify.Left{}
	for _, l := range list {
		ok, err := verify.Reschedule(ctx, to.api, l)
		if err != nil {
			return again, err
		}
		if !ok {
			s.Console.Say("%s has moved on by itself", l.Name)
			continue
		}
		again = append(again, l)
	}
	return again, nil
}

// chosen gives those of the runs that were asked for.
func (o RescheduleOptions) chosen(left []verify.Left, env string) ([]verify.Left, error) {
	if len(o.Runs) == 0 {
		return left, nil
	}
	var out []verify.Left
	for _, name := range o.Runs {
		i := slices.IndexFunc(left, func(l verify.Left) bool { return l.ID == name || l.Name == name })
		if i < 0 {
			return nil, &fault.Error{
				Code: fault.Usage, What: "no run left behind has the name or id " + name,
				Why: "only runs that nobody works on are started again from here", Next: "mage deploy:status -env=" + env + " lists them",
			}
		}
		out = append(out, left[i])
	}
	return out, nil
}
