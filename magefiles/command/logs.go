package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/tail"
)

// Logs shows the ends of the embedded environment's logs, and with Follow what comes until ctx ends.
func Logs(ctx context.Context, s *session.Session, o tail.Options) error { return tail.Show(ctx, s, o) }
