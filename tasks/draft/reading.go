package draft

import (
	"context"
	"time"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/ownprocess"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/session"
)

// glance begins to read what the server holds, so that it works while flows are read here. Nil when there is no server yet; what
// is wrong with the address is told when it is needed.
func glance(ctx context.Context, s *session.Session, env config.Env) *live.Reading {
	at, err := s.Locate(env)
	if err != nil {
		return nil
	}
	if at.Embedded != nil {
		running, ok := at.Embedded.Recorded(ctx)
		if !ok {
			return nil
		}
		at.Options.URL, at.Options.AuthString = running.URL, running.Auth
	}
	api, err := s.Client(at.Options)
	if err != nil {
		return nil
	}
	var queuesOf []string
	pools, _ := pool.Stated(env) // what is wrong with them is told later
	for _, p := range pools {
		if p.Queues != nil {
			queuesOf = append(queuesOf, p.Name)
		}
	}
	return live.Begin(ctx, api, session.OwnerOf(env), queuesOf)
}

// begin starts to read what the server holds.
func begin(ctx context.Context, to session.Server, r Rendered) *live.Reading {
	return live.Begin(ctx, to.API, r.Owner(), live.QueuesOf(r.Pools))
}

// leaveCore leaves a processor to the server that is read, if that is on this machine, until the function that comes back is called. It lets the
// requests out first.
func leaveCore(reading *live.Reading) (all func()) {
	if check.Elsewhere(reading.API().URL()) {
		return func() {}
	}
	reading.Sent(20 * time.Millisecond)
	return ownprocess.LeaveCore()
}
