package verify

import (
	"context"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/session"
)

// Climb goes up a ladder; some rungs wait for what a server takes its time for.
func Climb(ctx context.Context, s *session.Session, l ladder.Ladder) ladder.Rungs {
	defer s.Await("the server to show what should be there")()
	return l.Climb(ctx)
}

// View is the server as the ladder sees it.
func View(to session.Server, env config.Env) Server {
	return Server{API: to.API, Origin: to.Origin, UI: strings.TrimSuffix(to.UI, "/"), Env: env.Name}
}
