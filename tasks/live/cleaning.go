package live

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// Narrow says which of the owner's deployments are meant; its zero value means all.
type Narrow struct {
	Only []string  // by the words of [Cleaning]
	Kind kind.Kind // "": all
}

// Whole tells whether all are meant.
func (n Narrow) Whole() bool { return len(n.Only) == 0 && n.Kind == "" }

// Cleaning gives the plan that deletes the owner's deployments and work pools, and what is served and can be deleted beside it. Narrowed, it
// deletes the chosen deployments alone, and lists the others as unchanged. What is served is in no work pool and therefore of no kind.
//
// A word names deployments as in [Choose].
func Cleaning(ctx context.Context, api *prefect.Client, owner ownership.Owner, n Narrow) (plan.Plan, []plan.Action, error) {
	version, release, err := supported(ctx, api)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	live := plan.NewLive(nil)
	live.API, live.Version, live.Release = api.URL(), version, release
	pools, err := api.WorkPools(ctx)
	if err != nil {
		return plan.Plan{}, nil, fmt.Errorf("listing our work pools: %w", err)
	}
	for _, p := range pools {
		live.Pools[p.Name] = p
	}
	p := plan.Plan{Project: owner.Project, Env: owner.Env, API: api.URL(), Owner: owner, Release: release, Flows: live.Flows}
	if p.Actions, err = deletionsBy(ctx, api, &live, owner.Tag(), owner.Owns); err != nil {
		return plan.Plan{}, nil, err
	}
	beside, err := readServed(ctx, api, &live, owner)
	if err != nil {
		return plan.Plan{}, nil, err
	}
	if beside, err = narrow(&p, live, beside, n); err != nil {
		return plan.Plan{}, nil, err
	}
	if n.Whole() {
		p.PrunePools(live, plan.Prune{On: true, Pools: true})
	}
	p.Sort()
	return p, beside, nil
}

// narrow leaves what was not chosen as it is, and gives what was chosen of what is served.
func narrow(p *plan.Plan, live plan.Live, served []plan.Action, n Narrow) ([]plan.Action, error) {
	names := make([]Holding, 0, len(p.Actions)+len(served))
	for _, a := range slices.Concat(p.Actions, served) {
		names = append(names, Holding{ID: a.ID, Flow: a.Flow, Name: a.Name, Entrypoint: a.Entrypoint})
	}
	wanted, err := choose(names, n.Only)
	if err != nil {
		return nil, err
	}
	chosen := func(a plan.Action) bool {
		return (len(n.Only) == 0 || wanted[a.ID]) && (n.Kind == "" || live.Kind(*a.Have) == n.Kind)
	}
	for i := range p.Actions {
		if !chosen(p.Actions[i]) {
			p.Actions[i].Op = plan.Unchanged
		}
	}
	return slices.DeleteFunc(served, func(a plan.Action) bool { return !chosen(a) }), nil
}

// deletionsBy gives deletions of the deployments that carry a tag and are ours by it.
func deletionsBy(ctx context.Context, api *prefect.Client, l *plan.Live, tag string, ours func(tags []string) bool) ([]plan.Action, error) {
	list, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{tag}})
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	// The server's filter is trusted for finding, not for deleting.
	list = slices.DeleteFunc(list, func(d prefect.Deployment) bool { return !ours(d.Tags) })
	flows, err := api.FlowsByID(ctx, nameless(*l, list, ours))
	if err != nil {
		return nil, fmt.Errorf("listing their flows: %w", err)
	}
	know(l, flows)
	out := make([]plan.Action, 0, len(list))
	for _, d := range list {
		out = append(out, plan.Action{Op: plan.Delete, Name: d.Name, Flow: l.Flows[d.FlowID], Entrypoint: prefect.Text(d.Entrypoint), ID: d.ID, Have: &d})
	}
	return out, nil
}

// Served gives deletions of the deployments that the owner's programs serve, or have served, sorted by name. One in a work pool is none: its
// workers run it.
func Served(ctx context.Context, api *prefect.Client, owner ownership.Owner) ([]plan.Action, error) {
	live := plan.NewLive(nil)
	return readServed(ctx, api, &live, owner)
}

func readServed(ctx context.Context, api *prefect.Client, l *plan.Live, owner ownership.Owner) ([]plan.Action, error) {
	list, err := deletionsBy(ctx, api, l, owner.ServeTag(), owner.Serves)
	return slices.DeleteFunc(list, func(a plan.Action) bool { return a.Have.WorkPoolName != nil }), err
}

// Holding is one of the owner's deployments on the server.
type Holding struct {
	Name       string
	Flow       string
	Entrypoint string
	ID         string
	Kind       kind.Kind // "" when its work pool is not there
	// Untagged says that it is known by the receipts alone: somebody has taken the tag off it.
	Untagged bool
}

// Holdings gives the owner's deployments, sorted by name and flow: those with the tag, whoever else's they have beside it, and those that
// the receipts know though the tag was taken away.
func Holdings(ctx context.Context, api *prefect.Client, owner ownership.Owner, known receipt.Known) ([]Holding, error) {
	list, err := receipt.Present(ctx, api, owner, known)
	if err != nil {
		return nil, err
	}
	live := plan.NewLive(nil)
	list = slices.DeleteFunc(list, func(d prefect.Deployment) bool {
		return !owner.Claims(d.Tags) && !plan.MayUpdate(owner, d, known.Has(d.ID))
	})
	flows, err := api.FlowNames(ctx, list)
	if err != nil {
		return nil, fmt.Errorf("listing their flows: %w", err)
	}
	pools, err := api.WorkPools(ctx)
	if err != nil {
		return nil, fmt.Errorf("listing their work pools: %w", err)
	}
	for _, p := range pools {
		live.Pools[p.Name] = p
	}
	out := make([]Holding, 0, len(list))
	for _, d := range list {
		out = append(out, Holding{
			Name: d.Name, Flow: flows[d.FlowID], Entrypoint: prefect.Text(d.Entrypoint), ID: d.ID, Kind: live.Kind(d), Untagged: !owner.Claims(d.Tags),
		})
	}
	slices.SortFunc(out, func(a, b Holding) int { return strings.Compare(a.Name+"/"+a.Flow, b.Name+"/"+b.Flow) })
	return out, nil
}
