package deploying

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/receipt"
	"github.com/flowmage/flowmage/tasks/session"
)

// Recall reads what the receipts know, and warns of one that can't be read: nothing depends on it but what only it knew.
func Recall(ctx context.Context, s *session.Session, to session.Server, owner ownership.Owner) (receipt.Known, error) {
	known, err := receipt.Recall(ctx, to.API, owner)
	if err == nil && !known.Damaged.IsZero() {
		s.Console.Warn("the receipt of %s is damaged, so it is not known what other hands have done since; the next receipt tells all again. "+
			"What has lost our tag counts as somebody else's: mage deploy:adopt -env=%s", known.Damaged.Local().Format(time.DateTime), owner.Env)
	}
	return known, err
}
