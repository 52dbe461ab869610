package draft

import (
	"context"
	"runtime"
	"time"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/deploy"
	"github.com/flowmage/flowmage/tasks/session"
)

// Plan goes the whole chain, from the settings to the plan, and shows what was found on the way. start says whether the embedded server
// may be started for it. The server is read while the repository is.
func Plan(ctx context.Context, s *session.Session, o Options, start bool) (Compared, error) {
	env, problems, err := s.Settings(ctx, o.Env, o.Flags)
	if err != nil {
		return Compared{}, err
	}
	if o.Project != "" {
		env.Project = o.Project
	}
	var reading *deploy.Reading
	all := func() {}
	if !problems.HasErrors() {
		if reading = glance(ctx, s, env); reading != nil {
			defer reading.Stop()
			all = leaveCore(reading)
			defer all()
		}
	}
	r, err := Of(ctx, s, env, problems, o)
	if err != nil {
		return Compared{}, err
	}
	s.Console.Findings(r.Findings)
	if err := r.Stop(r.Strict()); err != nil {
		return Compared{}, err
	}
	to, err := s.Connect(ctx, r.Env, session.Access{Start: start, Flows: r.Flows, Answered: reading.Answered()})
	if err != nil {
		return Compared{}, err
	}
	if reading != nil && !to.Started && reading.API().URL() == to.API.URL() {
		to.API = reading.API() // it knows the server already
	} else {
		reading = begin(ctx, to, r)
	}
	live, err := reading.Finish(ctx, r.Desired, r.Pools)
	if err != nil {
		return Compared{}, err
	}
	all()
	return Compare(ctx, s, r, to, live)
}

// glance begins to read what the server holds, so that it works while flows are read here. Nil when there is no server yet; what
// is wrong with the address is told when it is needed.
func glance(ctx context.Context, s *session.Session, env config.Env) *deploy.Reading {
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
	pools, _ := env.WorkPools() // what is wrong with them is told later
	for _, p := range pools {
		if p.Upkeep.Queues != nil {
			queuesOf = append(queuesOf, p.Name)
		}
	}
	return deploy.Begin(ctx, api, session.OwnerOf(env), queuesOf)
}

// begin starts to read what the server holds.
func begin(ctx context.Context, to session.Server, r Rendered) *deploy.Reading {
	return deploy.Begin(ctx, to.API, r.Owner(), deploy.QueuesOf(r.Pools))
}

// leaveCore keeps this process off one of the processors until the function that comes back is called, if the server that is read is on this
// machine: what is worked on here while it answers would only make it answer later. It lets the requests out first.
func leaveCore(reading *deploy.Reading) (all func()) {
	if check.Elsewhere(reading.API().URL()) {
		return func() {}
	}
	reading.Sent(20 * time.Millisecond)
	before := runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)-1))
	return func() { runtime.GOMAXPROCS(before) }
}
