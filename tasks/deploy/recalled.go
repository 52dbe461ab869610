package deploy

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/prefect"
)

// recall reads the receipts when one of the wanted deployments is there without the tag: only then do they matter to a plan.
func recall(ctx context.Context, api *prefect.Client, l *Live, owner Owner, desired []Desired) error {
	untagged := slices.ContainsFunc(desired, func(d Desired) bool {
		have := l.find(d.Flow.Name, d.Name)
		return have != nil && !owner.Owns(have.Tags) && len(owner.others(have.Tags)) == 0
	})
	if !untagged || l.known != nil {
		return nil
	}
	known, err := Recall(ctx, api, owner)
	l.known = known.IDs()
	return err
}
