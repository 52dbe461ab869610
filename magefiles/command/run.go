package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/serve"

	"github.com/flowmage/flowmage/tasks/deploying"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
)

// Run deploys one flow, starts a run of it, follows its log, and ends with its state: code Run unless it is COMPLETED.
func Run(ctx context.Context, s *session.Session, o run.Options) error {
	parameters, err := run.Parameters(s, o.Params)
	if err != nil {
		return err
	}
	if err := o.Kind.Check(); err != nil {
		return err
	}
	out, err := deployed(ctx, s, deploying.Options{
		Options: draft.Options{Env: o.Env, Only: []string{o.Flow}, Kind: o.Kind, OneKind: true}, Command: "flows:run", Unverified: true,
	})
	if err != nil {
		return err
	}
	target, wanted, err := run.Choose(out.Desired, out.Result.Outcomes, pool.Types(out.Env), o.Kind)
	if err != nil {
		return err
	}
	if err := run.CheckParameters(wanted, parameters); err != nil {
		return err
	}
	flowRun, err := out.Server.API.CreateFlowRun(ctx, target.ID, prefect.FlowRunRequest{Parameters: parameters})
	if err != nil {
		return err
	}
	s.Console.Say("run %s of %s: %s", flowRun.Name, target.Name, out.Server.RunLink(flowRun.ID))
	if o.NoWait {
		return run.Started(s, o, flowRun, out.Server)
	}
	if o.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.Timeout)
		defer cancel()
	}
	final, err := run.Follow(ctx, s, out.Server.API, flowRun.ID)
	if err != nil {
		return run.Interrupted(ctx, s, err, flowRun, out.Server)
	}
	return run.Ended(ctx, s, o, final, out.Server)
}

// Serve serves flows by Prefect's own runner until it is told to end. Flows that can't be served are told and left out: code Findings
// at the end. A program that dies is started again.
func Serve(ctx context.Context, s *session.Session, o serve.Options) error {
	d, err := serve.Servable(ctx, s, o)
	s.Console.Findings(d.Findings)
	if err != nil {
		return err
	}
	to, err := s.Connect(ctx, d.Env, session.Access{Start: true, Flows: d.Flows})
	if err != nil {
		return err
	}
	v, err := serve.Begin(ctx, s, to, d, o)
	if err != nil {
		return err
	}
	return v.Run(ctx)
}
