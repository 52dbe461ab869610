package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/register"
	"github.com/flowmage/flowmage/tasks/session"
)

// RegisterOptions are the choices of flows:register.
type RegisterOptions struct {
	Env  string
	Only []string
	JSON bool
}

// Register makes the flows visible in the UI's list: the server learns their names, and nothing runs. A flow that it knows
// already stays as it is. Files with errors are told, and the flows in the others are registered: code Findings then.
func Register(ctx context.Context, s *session.Session, o RegisterOptions) error {
	env, scanned, err := session.ScanEnv(ctx, s, o.Env)
	if err != nil {
		return err
	}
	flows, err := flow.Select(scanned.Flows, o.Only)
	if err != nil {
		return err
	}
	if len(o.Only) > 0 {
		scanned.Findings = check.About(scanned.Findings, flows)
	}
	s.Console.Findings(scanned.Findings)
	if len(flows) > 0 {
		to, err := s.Connect(ctx, env, session.Access{Start: true, Flows: scanned.Flows})
		if err != nil {
			return err
		}
		rows, err := register.Flows(ctx, to, flows)
		if err != nil {
			return err
		}
		if err := register.Show(s, rows, o.JSON); err != nil {
			return err
		}
	}
	if scanned.Findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "some files have errors", Why: "flows in them may be missing from the list", Next: "correct what is listed above"}
	}
	if len(flows) == 0 {
		return draft.NoFlows(env)
	}
	return nil
}
