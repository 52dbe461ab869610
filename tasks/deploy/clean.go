package deploy

import (
	"context"
	"fmt"
	"slices"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// Narrow says which of the owner's deployments are meant; its zero value means all.
type Narrow struct {
	Only []string // by the words of [Cleaning]
	Kind string   // python or container
}

// Whole tells whether all are meant.
func (n Narrow) Whole() bool { return len(n.Only) == 0 && n.Kind == "" }

// Cleaning gives the plan that deletes the owner's deployments and work pools, and what is served and can be deleted beside it. Narrowed, it
// deletes the chosen deployments alone, and lists the others as unchanged. What is served is in no work pool and therefore of no kind.
//
// A word names deployments as in [Choose].
func Cleaning(ctx context.Context, api *prefect.Client, owner Owner, n Narrow) (Plan, []Action, error) {
	version, release, err := supported(ctx, api)
	if err != nil {
		return Plan{}, nil, err
	}
	live := NewLive(nil)
	live.API, live.Version, live.release = api.URL(), version, release
	pools, err := api.WorkPools(ctx)
	if err != nil {
		return Plan{}, nil, fmt.Errorf("listing our work pools: %w", err)
	}
	for _, p := range pools {
		live.pools[p.Name] = p
	}
	p := Plan{Project: owner.Project, Env: owner.Env, API: api.URL(), owner: owner, release: release, flows: live.flows}
	if p.Actions, err = deletionsBy(ctx, api, &live, owner.Tag(), owner.Owns); err != nil {
		return Plan{}, nil, err
	}
	beside, err := served(ctx, api, &live, owner)
	if err != nil {
		return Plan{}, nil, err
	}
	if beside, err = narrow(&p, live, beside, n); err != nil {
		return Plan{}, nil, err
	}
	if n.Whole() {
		p.prunePools(live, Prune{On: true, Pools: true})
	}
	p.sort()
	return p, beside, nil
}

// narrow leaves what was not chosen as it is, and gives what was chosen of what is served.
func narrow(p *Plan, live Live, served []Action, n Narrow) ([]Action, error) {
	names := make([]called, 0, len(p.Actions)+len(served))
	for _, a := range slices.Concat(p.Actions, served) {
		names = append(names, calledOf(a))
	}
	wanted, err := choose(names, n.Only)
	if err != nil {
		return nil, err
	}
	chosen := func(a Action) bool {
		return (len(n.Only) == 0 || wanted[a.ID]) && (n.Kind == "" || live.kind(*a.have) == n.Kind)
	}
	for i := range p.Actions {
		if !chosen(p.Actions[i]) {
			p.Actions[i].Op = Unchanged
		}
	}
	return slices.DeleteFunc(served, func(a Action) bool { return !chosen(a) }), nil
}

// deletionsBy gives deletions of the deployments that carry a tag and are ours by it.
func deletionsBy(ctx context.Context, api *prefect.Client, l *Live, tag string, ours func(tags []string) bool) ([]Action, error) {
	list, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{tag}})
	if err != nil {
		return nil, fmt.Errorf("listing our deployments: %w", err)
	}
	// The server's filter is trusted for finding, not for deleting.
	list = slices.DeleteFunc(list, func(d prefect.Deployment) bool { return !ours(d.Tags) })
	flows, err := api.FlowsByID(ctx, nameless(*l, list))
	if err != nil {
		return nil, fmt.Errorf("listing their flows: %w", err)
	}
	know(l, flows)
	out := make([]Action, 0, len(list))
	for _, d := range list {
		out = append(out, Action{Op: Delete, Name: d.Name, Flow: l.flows[d.FlowID], Entrypoint: prefect.Text(d.Entrypoint), ID: d.ID, have: &d})
	}
	return out, nil
}

// Served gives deletions of the deployments that the owner's programs serve, or have served, sorted by name. One in a work pool is none: its
// workers run it.
func Served(ctx context.Context, api *prefect.Client, owner Owner) ([]Action, error) {
	live := NewLive(nil)
	return served(ctx, api, &live, owner)
}

func served(ctx context.Context, api *prefect.Client, l *Live, owner Owner) ([]Action, error) {
	list, err := deletionsBy(ctx, api, l, owner.ServeTag(), owner.Serves)
	return slices.DeleteFunc(list, func(a Action) bool { return a.have.WorkPoolName != nil }), err
}
