package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/verify"
)

// VerifyOptions are the choices of the verify targets.
type VerifyOptions struct {
	Env  string // empty: the offline rules alone, with dev's settings
	Only []string
	JSON bool
}

// Verify checks flows and settings; with an environment named also its deployments and the UI.
func Verify(ctx context.Context, s *Session, o VerifyOptions) error {
	if err := VerifyFlows(ctx, s, o); err != nil || o.Env == "" {
		return err
	}
	if err := VerifyDeployments(ctx, s, o); err != nil {
		return err
	}
	return VerifyUI(ctx, s, o)
}

// VerifyFlows runs every rule that needs no server and shows every finding at once.
func VerifyFlows(ctx context.Context, s *Session, o VerifyOptions) error {
	env, problems, err := s.settings(ctx, o.Env)
	if err != nil {
		return err
	}
	d, err := s.draft(ctx, env, problems, o.Only)
	if err != nil {
		return err
	}
	if o.JSON {
		if err := s.Console.JSON(map[string]any{"environment": d.env.Name, "findings": append(finding.List{}, d.findings.Sorted()...)}); err != nil {
			return err
		}
	} else {
		s.Console.Findings(d.findings)
	}
	if d.findings.HasErrors() {
		return d.blockedFault("a deploy would leave these out")
	}
	if !o.JSON {
		s.Console.Printf("ok        %s, settings of %s\n", console.Count(len(d.flows), "flow"), d.env.Name)
	}
	return nil
}

// VerifyDeployments compares the server with the repository and checks that runs can start.
func VerifyDeployments(ctx context.Context, s *Session, o VerifyOptions) error {
	c, err := s.plan(ctx, DeployOptions{Env: o.Env, Only: o.Only}, false)
	if err != nil {
		return err
	}
	born, err := c.server.born(ctx)
	if err != nil {
		return err
	}
	runs := verify.Runs(ctx, c.server.api, c.draft.owner().Tag(), c.draft.env.Name, born)
	return s.ladder(o, append(verify.Deployments(ctx, c.server.api, c.plan), runs))
}

// VerifyUI checks that the Prefect UI is served and talks to the right API.
func VerifyUI(ctx context.Context, s *Session, o VerifyOptions) error {
	env, err := s.sound(ctx, o.Env)
	if err != nil {
		return err
	}
	to, err := s.connect(ctx, env, access{})
	if err != nil {
		return err
	}
	return s.ladder(o, verify.UI(ctx, to.api, to.ui))
}

// ladder prints the rungs. The error is for the first failed one, which usually explains the others.
func (s *Session) ladder(o VerifyOptions, rungs []verify.Rung) error {
	var failed *verify.Rung
	for i, r := range rungs {
		if !r.OK && failed == nil {
			failed = &rungs[i]
		}
	}
	if o.JSON {
		if err := s.Console.JSON(map[string]any{"rungs": rungs}); err != nil {
			return err
		}
	} else {
		for _, r := range rungs {
			word := "ok"
			if !r.OK {
				word = "failed"
			}
			s.Console.Printf("%-9s %s: %s (%.2f s)\n", word, r.Name, r.Detail, r.Seconds)
		}
	}
	if failed == nil {
		return nil
	}
	return &fault.Error{Code: fault.Findings, What: "not as planned: " + failed.Name, Why: failed.Detail, Next: failed.Next}
}
