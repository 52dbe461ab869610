package run

import (
	"context"
	"fmt"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/session"
)

// Orphans gives the owner's runs that nobody works on any more.
func Orphans(ctx context.Context, to session.Server, owner ownership.Owner) ([]Orphan, error) {
	started, err := workersHere(ctx, to)
	if err != nil {
		return nil, err
	}
	list, err := orphans(ctx, to.API, owner.Tags(), started)
	if list == nil {
		list = []Orphan{}
	}
	return list, err
}

// workersHere tells when the workers started that run on this machine, by name: embedded ones keep their names when they start anew.
func workersHere(ctx context.Context, to session.Server) (map[string]time.Time, error) {
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

// ShowOrphans names runs that nobody works on, and what to do.
func ShowOrphans(s *session.Session, list []Orphan, env string) {
	if len(list) == 0 {
		return
	}
	s.Console.Printf("runs          %s left behind; mage flows:reschedule -env=%s\n", console.Count(len(list), "run"), env)
	for _, o := range list {
		s.Console.Printf("  %s\n", o)
	}
}

// NoOrphans is the rung on which no run is left behind. needs are the rungs it stands on.
func NoOrphans(to session.Server, owner ownership.Owner, env string, needs ...string) ladder.Ladder {
	return ladder.Ladder{{Name: "runs", Needs: needs, Look: func(ctx context.Context) (ladder.Seen, error) {
		list, err := Orphans(ctx, to, owner)
		switch {
		case err != nil:
			return ladder.Seen{}, err
		case len(list) > 0:
			return ladder.Wrong(fmt.Sprintf("%d left behind, such as %s", len(list), list[0].Name), list[0].Why, "mage flows:reschedule -env="+env)
		default:
			return ladder.Seen{Detail: "none is left behind by a dead worker"}, nil
		}
	}}}
}
