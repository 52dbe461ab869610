package draft

import (
	"context"

	"github.com/flowmage/flowmage/tasks/live"
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
	var reading *live.Reading
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
	if reading != nil && !to.Running.Started && reading.API().URL() == to.API.URL() {
		to.API = reading.API() // it knows the server already
	} else {
		reading = begin(ctx, to, r)
	}
	state, err := reading.Finish(ctx, r.Desired, r.Pools)
	if err != nil {
		return Compared{}, err
	}
	all()
	return Compare(ctx, s, r, to, state)
}
