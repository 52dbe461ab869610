package run

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
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

// Born tells when the workers started that run here: the embedded ones keep their names.
func Born(ctx context.Context, to session.Server) (map[string]time.Time, error) {
	if to.Embedded == nil {
		return nil, nil //nolint:nilnil // none is known
	}
	status, err := to.Embedded.Status(ctx)
	if err != nil {
		return nil, err
	}
	out := map[string]time.Time{}
	for _, w := range status.Workers {
		out[w.Worker] = w.WorkerFrom
	}
	return out, nil
}

// Behind gives the owner's runs that nobody works on any more.
func Behind(ctx context.Context, to session.Server, owner ownership.Owner) ([]Left, error) {
	born, err := Born(ctx, to)
	if err != nil {
		return nil, err
	}
	left, err := LeftBehind(ctx, to.API, owner.Tags(), born)
	if left == nil {
		left = []Left{}
	}
	return left, err
}

// ShowLeft names runs that nobody works on, and what to do.
func ShowLeft(s *session.Session, left []Left, env string) {
	if len(left) == 0 {
		return
	}
	s.Console.Printf("runs          %s left behind; mage flows:reschedule -env=%s\n", console.Count(len(left), "run"), env)
	for _, l := range left {
		s.Console.Printf("  %s\n", describeLeft(l))
	}
}

func describeLeft(l Left) string {
	text := fmt.Sprintf("%s (%s): %s since %s, %s", l.Name, l.ID, l.State, l.Since.Local().Format(time.DateTime), l.Why)
	if l.Begun {
		text += "; it had begun"
	}
	return text
}

// Startable shows the runs, and gives those that may start again.
func Startable(s *session.Session, left []Left, begun bool) []Left {
	var out []Left
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

// Reschedule gives those that start again; the others have moved on since they were found.
func Reschedule(ctx context.Context, s *session.Session, to session.Server, list []Left) ([]Left, error) {
	again := []Left{}
	for _, l := range list {
		ok, err := StartAgain(ctx, to.API, l)
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

// Chosen gives those of the runs that were asked for.
func (o RescheduleOptions) Chosen(left []Left, env string) ([]Left, error) {
	if len(o.Runs) == 0 {
		return left, nil
	}
	var out []Left
	for _, name := range o.Runs {
		i := slices.IndexFunc(left, func(l Left) bool { return l.ID == name || l.Name == name })
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
