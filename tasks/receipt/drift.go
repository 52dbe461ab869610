package receipt

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// Drift is what happened to a deployment since the last apply, by other hands.
type Drift struct {
	Name string `json:"name"`
	Flow string `json:"flow"`
	What string `json:"what"`
}

// Drifted compares the server with what the receipts say: every deployment should be as it was left, and no other one be ours.
func Drifted(ctx context.Context, api *prefect.Client, owner ownership.Owner, known Known) ([]Drift, error) {
	byID := maps.Clone(known.entries)
	left, err := api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{owner.Tag()}, IDs: slices.Sorted(maps.Keys(byID)), Or: true})
	if err != nil {
		return nil, err
	}
	var out []Drift
	appeared := map[string]int{} // by name
	for _, d := range left {
		e, known := byID[d.ID]
		switch {
		case known:
			delete(byID, d.ID)
			what, err := e.compare(owner, d)
			if err != nil {
				return nil, err
			}
			if what != "" {
				out = append(out, Drift{e.Name, e.Flow, what})
			}
		case owner.Owns(d.Tags):
			appeared[d.Name]++
		}
	}
	for _, e := range known.newest.Entries { // what an older one had, this one saw go
		if _, missing := byID[e.ID]; !missing || e.Hash == "" {
			continue
		}
		what := "it was deleted"
		if appeared[e.Name] > 0 {
			what = "it was deleted and made anew"
			appeared[e.Name]--
		}
		out = append(out, Drift{e.Name, e.Flow, what})
	}
	if !known.all { // a receipt that was not read may know them
		clear(appeared)
	}
	for name, n := range appeared {
		for range n {
			out = append(out, Drift{Name: name, What: "it carries our tag, and no deploy of ours made it"})
		}
	}
	slices.SortFunc(out, func(a, b Drift) int { return strings.Compare(a.Name+a.Flow, b.Name+b.Flow) })
	return out, nil
}

// compare tells what became of a deployment that is still there, "" when nothing did.
func (e Entry) compare(owner ownership.Owner, d prefect.Deployment) (string, error) {
	state, err := plan.StateOf(d)
	switch {
	case err != nil:
		return "", err
	case !owner.Owns(d.Tags):
		return owner.Lost(d.Tags), nil
	case e.Hash != "" && state.Hash() != e.Hash:
		return "it was changed", nil
	default:
		return "", nil
	}
}
