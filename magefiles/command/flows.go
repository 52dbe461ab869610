package command

import (
	"context"
	"slices"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/inventory"
	"github.com/flowmage/flowmage/tasks/session"
)

// List shows the flows of the repository. It needs neither Python nor a server. Findings go to standard error; errors among them
// end it with code Findings, after the list.
func List(ctx context.Context, s *session.Session, o inventory.Options) error {
	env, result, settings, err := inventory.Scan(ctx, s, o)
	if err != nil {
		return err
	}
	law := s.Law(ctx, env, result.Marked, env.Marked())
	flows, err := flow.Select(result.Flows, o.Only)
	if err != nil {
		return err
	}
	if len(o.Only) > 0 {
		result.Findings = check.About(result.Findings, flows)
	}
	if o.JSON {
		var second finding.List
		if flows, second, err = draft.Schemas(ctx, s, env, result.Library, flows, flows); err != nil {
			return err
		}
		result.Findings = append(result.Findings, second...)
	}
	settings, result.Findings = law.Apply(settings), law.Apply(result.Findings)
	if o.All && len(o.Only) == 0 {
		flows = slices.Concat(flows, result.Others)
	}
	if err := inventory.List(s, o, flows, result); err != nil {
		return err
	}
	s.Console.Findings(append(settings, result.Findings...))
	if result.Findings.HasErrors() {
		return &fault.Error{Code: fault.Findings, What: "some files have errors", Why: "their flows are missing from the list or can't be deployed", Next: "correct what is listed above"}
	}
	return nil
}

// ShowFlow prints all that is known of one flow without running it: signature, parameters, docstring, place, and what deploys it.
func ShowFlow(ctx context.Context, s *session.Session, o inventory.FlowOptions) error {
	env, settings, err := s.Settings(ctx, o.Env, nil)
	if err != nil {
		return err
	}
	env, result, err := s.Scan(ctx, env)
	if err != nil {
		return err
	}
	flows, err := flow.Select(result.Flows, []string{o.Flow})
	if err != nil {
		return err
	}
	flows, second, err := draft.Schemas(ctx, s, env, result.Library, flows, flows)
	if err != nil {
		return err
	}
	f := flows[0]
	if err := inventory.Show(s, o, env, f); err != nil {
		return err
	}
	found := slices.Concat(check.About(append(settings, result.Findings...), flows), second, check.Untyped(f))
	s.Console.Findings(append(finding.List{}, s.Law(ctx, env, result.Marked, env.Marked()).Apply(found)...))
	return nil
}
