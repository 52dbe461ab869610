package run

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/session"
)

// ListOptions are the choices of flows:runs.
type ListOptions struct {
	Env    string
	Only   []string
	States []string // in any case of letters; empty: all but those that are only scheduled
	Limit  int      // 0: 20
	JSON   bool
}

// Row is one run in the result of flows:runs.
type Row struct {
	ID         string     `json:"id"`
	Name       string     `json:"name"`
	Flow       string     `json:"flow"`
	Deployment string     `json:"deployment"`
	State      string     `json:"state"` // its name: Completed, Late …
	Type       string     `json:"type"`  // COMPLETED, SCHEDULED …
	Message    string     `json:"message"`
	Start      *time.Time `json:"start"` // nil: not begun
	Seconds    float64    `json:"seconds"`
	Link       string     `json:"link"`
}

// States reads names of state types.
func States(wanted []string) ([]string, error) {
	known := []string{
		prefect.StatePending, prefect.StateRunning, prefect.StateCompleted, prefect.StateFailed, prefect.StateCrashed, prefect.StateCancelled,
		prefect.StateCancelling, prefect.StatePaused,
	}
	if len(wanted) == 0 {
		return known, nil
	}
	known = slices.Concat(known, []string{prefect.StateScheduled})
	var out []string
	for _, w := range wanted {
		if w = strings.ToUpper(w); !slices.Contains(known, w) {
			return nil, &fault.Error{
				Code: fault.Usage, What: fmt.Sprintf("%q is no state of a run", w), Next: "write " + strings.ToLower(strings.Join(known, ", ")),
			}
		}
		out = append(out, w)
	}
	return out, nil
}

// Latest gives the latest runs of the owner's deployments, the newest first. With flows named, only theirs.
func Latest(ctx context.Context, to session.Server, owner ownership.Owner, flows, states []string, limit int) ([]Row, error) {
	var deployments []prefect.Deployment
	for _, tag := range owner.Tags() {
		list, err := to.API.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{tag}, Flows: flows})
		if err != nil {
			return nil, err
		}
		deployments = append(deployments, list...)
	}
	return readRows(ctx, to, deployments, states, cmp.Or(max(limit, 0), 20))
}

// readRows gives the latest runs of the deployments.
func readRows(ctx context.Context, to session.Server, deployments []prefect.Deployment, states []string, limit int) ([]Row, error) {
	out := []Row{}
	if len(deployments) == 0 {
		return out, nil
	}
	names, ids, flowIDs := map[string]string{}, []string{}, []string{}
	for _, d := range deployments {
		names[d.ID] = d.Name
		ids, flowIDs = append(ids, d.ID), append(flowIDs, d.FlowID)
	}
	runs, err := to.API.FlowRuns(ctx, prefect.FlowRunFilter{DeploymentIDs: ids, States: states, Limit: limit})
	if err != nil {
		return nil, err
	}
	flows, err := to.API.FlowsByID(ctx, flowIDs)
	if err != nil {
		return nil, err
	}
	flowNames := map[string]string{}
	for _, f := range flows {
		flowNames[f.ID] = f.Name
	}
	for _, r := range runs {
		out = append(out, Row{
			ID: r.ID, Name: r.Name, Flow: flowNames[r.FlowID], Deployment: names[r.DeploymentID], State: r.State.Name, Type: r.State.Type,
			Message: secret.Inside(r.State.Message), Start: r.Start, Seconds: r.TotalRunTime, Link: to.RunLink(r.ID),
		})
	}
	return out, nil
}

// ShowRuns prints runs as a table.
func ShowRuns(s *session.Session, rows []Row) error {
	if len(rows) == 0 {
		s.Console.Say("no run yet; `mage flows:run NAME` starts one")
		return nil
	}
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, "STATE\tRUN\tDEPLOYMENT\tSTART\tSECONDS\tPAGE")
	for _, r := range rows {
		start := "-"
		if r.Start != nil {
			start = r.Start.Local().Format(time.DateTime)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%.1f\t%s\n", console.Cell(r.State), console.Cell(r.Name), console.Cell(r.Deployment), start, r.Seconds, r.Link)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.Console.Say("%s", console.Count(len(rows), "run"))
	return nil
}
