package serve

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/apply"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/plan/printed"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// settle compares what is to be served with what the server holds: names that belong to somebody else, or to a deployment in a work
// pool, are refused; what a person has paused stays paused. Schedules that are there are edited here, in place, and the changes shown:
// Prefect's runner would wipe them, or be refused (422) where some have slugs and others have none.
func settle(
	ctx context.Context, s *session.Session, to session.Server, owner ownership.Owner, list []local.Served, wanted map[string]plan.Desired, pausing bool,
) error {
	there, err := standing(ctx, to.API, wanted)
	if err != nil {
		return err
	}
	if wrong := taken(there, owner); len(wrong) > 0 {
		return &fault.Error{
			Code: fault.Refused, What: "these names are taken on the server; nothing is served", Where: to.API.URL(), Why: strings.Join(wrong, "\n"),
			Next: "rename or delete those deployments, serve other flows with -only=, or set prefix: or suffix: in envs/",
		}
	}
	paused := map[string]bool{}
	for _, x := range there {
		changes, err := apply.SettleSchedules(ctx, to.API, x, wanted[x.Name])
		if len(changes) > 0 {
			err = errors.Join(printed.Update(s.Console.Err(), s.Console.Paint, x.Name, changes), err)
		}
		if err != nil {
			return err
		}
		paused[x.Name] = x.Paused && !pausing // where serving itself pauses at its end, a person's pause can't be told apart
	}
	for i, x := range list {
		list[i].Paused = x.Paused || paused[x.Name]
	}
	return nil
}

// standing gives what the server has of the deployments to be served: those of the name and of the flow, unless the flow's name is known to
// Python alone.
func standing(ctx context.Context, api *prefect.Client, wanted map[string]plan.Desired) ([]prefect.Deployment, error) {
	if len(wanted) == 0 {
		return nil, nil
	}
	there, err := api.Deployments(ctx, prefect.DeploymentFilter{Names: slices.Sorted(maps.Keys(wanted))})
	if err != nil || len(there) == 0 {
		return nil, err
	}
	ids := make([]string, 0, len(there))
	for _, x := range there {
		ids = append(ids, x.FlowID)
	}
	slices.Sort(ids)
	flows, err := api.FlowsByID(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	names := map[string]string{}
	for _, f := range flows {
		names[f.ID] = f.Name
	}
	return slices.DeleteFunc(there, func(x prefect.Deployment) bool {
		d, asked := wanted[x.Name]
		return !asked || d.Flow.NameExpr == "" && d.Flow.Name != names[x.FlowID]
	}), nil
}

// taken says which of the deployments are not the owner's to serve, and why.
func taken(there []prefect.Deployment, owner ownership.Owner) []string {
	var wrong []string
	for _, x := range there {
		switch {
		case x.WorkPoolName != nil:
			wrong = append(wrong, fmt.Sprintf("%s runs in the work pool %s, and serving would take it out of there", x.Name, *x.WorkPoolName))
		case !slices.Contains(x.Tags, owner.ServeTag()):
			wrong = append(wrong, fmt.Sprintf("%s was not made by this project: it lacks the tag %s", x.Name, owner.ServeTag()))
		case !owner.Serves(x.Tags):
			wrong = append(wrong, fmt.Sprintf("%s belongs to somebody else too: its tags are %s", x.Name, strings.Join(x.Tags, ", ")))
		}
	}
	return wrong
}
