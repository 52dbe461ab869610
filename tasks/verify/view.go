package verify

import (
	"context"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/session"
)

// View is the server that is looked at, with what next steps call its environment.
type View struct {
	API    *prefect.Client
	Origin string // where its address came from
	UI     string // the UI's address, as links begin
	Env    string // the environment, for the commands in next steps

	Patience time.Duration // how long new runs are waited for; 0 is 15 s
}

// ViewOf gives the view of an environment's server.
func ViewOf(to session.Server, env config.Env) View {
	return View{API: to.API, Origin: to.Origin, UI: strings.TrimSuffix(to.UI, "/"), Env: env.Name}
}

// Climb goes up a ladder; some rungs wait for what a server takes its time for.
func Climb(ctx context.Context, s *session.Session, l ladder.Ladder) ladder.Rungs {
	defer s.Await("the server to show what should be there")()
	return l.Climb(ctx)
}
