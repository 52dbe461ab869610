package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/serve"
	"github.com/flowmage/flowmage/tasks/session"
)

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
