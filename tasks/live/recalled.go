package live

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// recall reads the receipts when one of the wanted deployments is there without the tag: only then do they matter to a plan.
func recall(ctx context.Context, api *prefect.Client, l *plan.Live, owner ownership.Owner, desired []plan.Desired) error {
	untagged := slices.ContainsFunc(desired, func(d plan.Desired) bool {
		have := l.Find(d.Flow.Name, d.Name)
		return have != nil && !owner.Owns(have.Tags) && len(owner.Others(have.Tags)) == 0
	})
	if !untagged || l.Known != nil {
		return nil
	}
	known, err := receipt.Recall(ctx, api, owner)
	l.Known = known.IDs()
	return err
}
