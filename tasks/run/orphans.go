package run

import (
	"context"
	"fmt"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// Orphan is a run that nobody works on any more: the worker that took it is dead, or the program that served it. Users read that it is left
// behind. Prefect does not start such a run again.
type Orphan struct {
	ID         string    `json:"id"`
	Name       string    `json:"name"`
	Deployment string    `json:"deployment_id"`
	State      string    `json:"state"` // PENDING, or RUNNING
	Since      time.Time `json:"since"`
	Worker     string    `json:"worker"` // empty: nobody has signed for the run
	Why        string    `json:"why"`
	// Begun tells that the run had begun. What it did is done, and it may still be alive although its worker is not.
	Begun bool `json:"begun"`
}

// String describes the run on one line.
func (o Orphan) String() string {
	text := fmt.Sprintf("%s (%s): %s since %s, %s", o.Name, o.ID, o.State, o.Since.Local().Format(time.DateTime), o.Why)
	if o.Begun {
		text += "; it had begun"
	}
	return text
}

// Orphans gives the owner's runs that nobody works on any more.
func Orphans(ctx context.Context, to session.Server, owner deploy.Owner) ([]Orphan, error) {
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
func NoOrphans(to session.Server, owner deploy.Owner, env string, needs ...string) ladder.Ladder {
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

// orphans finds runs with one of the tags that their worker, or the program that served them, has left. started tells when known workers
// began: one that began later is not the one of the same name that took an older run. A run that is under way counts only when it gives no
// sign of life either; one that nobody has signed for, only when it once gave one.
func orphans(ctx context.Context, api *prefect.Client, tags []string, started map[string]time.Time) ([]Orphan, error) {
	var runs []prefect.FlowRun
	for _, tag := range tags {
		list, err := api.FlowRuns(ctx, prefect.FlowRunFilter{Tags: []string{tag}, States: []string{prefect.StatePending, prefect.StateRunning}})
		if err != nil {
			return nil, err
		}
		runs = append(runs, list...)
	}
	now := api.Now()
	alive, err := aliveWorkers(ctx, api, runs, now)
	if err != nil {
		return nil, err
	}
	var out []Orphan
	for _, r := range runs {
		if why := abandoned(r, alive, started, now); why != "" {
			out = append(out, Orphan{
				ID: r.ID, Name: r.Name, Deployment: r.DeploymentID, State: r.State.Type, Since: r.State.Timestamp, Worker: r.Worker(), Why: why,
				Begun: r.State.Type == prefect.StateRunning,
			})
		}
	}
	return silent(ctx, api, out, now)
}
