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
