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

// ViewOf gives the view of an environment's server.
func ViewOf(to session.Server, env config.Env) View {
	return View{API: to.API, Origin: to.Origin, UI: strings.TrimSuffix(to.UI, "/"), Env: env.Name}
}
