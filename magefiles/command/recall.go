package command

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/receipt"
)

// recall reads what the receipts know, and warns of one that can't be read: nothing depends on it but what only it knew.
func (s *Session) recall(ctx context.Context, to server, owner ownership.Owner) (receipt.Known, error) {
	known, err := receipt.Recall(ctx, to.api, owner)
	if err == nil && !known.Damaged.IsZero() {
		s.Console.Warn("the receipt of %s is damaged, so it is not known what other hands have done since; the next receipt tells all again. "+
			"What has lost our tag counts as somebody else's: mage deploy:adopt -env=%s", known.Damaged.Local().Format(time.DateTime), owner.Env)
	}
	return known, err
}
