package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/serve"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/watch"
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
	v := &serve.Serving{S: s, To: to, O: o, Env: d.Env.Name, Broken: map[string]string{}, Fatal: map[string]bool{}, Shown: map[string]bool{}, Back: make(chan struct{}, 1)}
	if err := v.Take(ctx, d); err != nil {
		return err
	}
	if v.Local, err = session.EnsurePython(ctx, s, to, d.Env, d.Flows); err != nil {
		return err
	}
	var changed <-chan string
	if o.Watch {
		w, err := watch.New(ctx, serve.Watchable(s, d))
		if err != nil {
			return err
		}
		changed = w.Changed()
	}
	return v.Run(ctx, changed)
}
