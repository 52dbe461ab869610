package command

import (
	"context"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verify"
)

// VerifyOptions are the choices of the verify targets.
type VerifyOptions struct {
	Env  string // empty: the offline rules alone, with dev's settings
	Only []string
	JSON bool

	Smoke string // deployments: a flow that is run once
}

// Verify checks flows and settings; with an environment named also its deployments and the UI.
func Verify(ctx context.Context, s *session.Session, o VerifyOptions) error {
	if err := VerifyFlows(ctx, s, o); err != nil || o.Env == "" {
		return err
	}
	if s.Stance().Untrusted { // containers of its images would run
		s.Console.Say("images are not looked into")
	} else if err := verifyImages(ctx, s, o); err != nil {
		return err
	}
	return VerifyDeployments(ctx, s, o) // its ladder ends at the UI
}

// verifyImages looks into images where the environment has some, and Docker is not left out.
func verifyImages(ctx context.Context, s *session.Session, o VerifyOptions) error {
	env, _, err := s.Settings(ctx, o.Env, nil)
	if err != nil || !session.HasContainers(env) {
		return err
	}
	if _, err := s.Docker(ctx); err != nil && env.Containers == session.Auto {
		return nil
	}
	return VerifyImages(ctx, s, o)
}

// VerifyFlows runs every rule that needs no server and shows every finding at once.
func VerifyFlows(ctx context.Context, s *session.Session, o VerifyOptions) error {
	d, err := draft.From(ctx, s, draft.Options{Env: o.Env, Only: o.Only})
	if err != nil {
		return err
	}
	if o.JSON {
		if err := s.Console.JSON(map[string]any{"environment": d.Env.Name, "findings": append(finding.List{}, d.Findings.Sorted()...)}); err != nil {
			return err
		}
	} else {
		s.Console.Findings(d.Findings)
	}
	if d.Findings.HasErrors() {
		return d.BlockedFault("a deploy would leave these out")
	}
	if !o.JSON {
		s.Console.Printf("ok        %s, settings of %s\n", console.Count(len(d.Flows), "flow"), d.Env.Name)
	}
	return nil
}

// VerifyDeployments climbs the ladder from the server's address to a run that can start.
func VerifyDeployments(ctx context.Context, s *session.Session, o VerifyOptions) error {
	if o.Smoke != "" {
		if err := s.RequireTrust(); err != nil {
			return err
		}
	}
	_, _, rungs, err := reached(ctx, s, o)
	if err != nil {
		return err
	}
	c, err := draft.Plan(ctx, s, draft.Options{Env: o.Env, Only: o.Only}, false)
	if err != nil {
		return err
	}
	view := verify.ViewOf(c.Server, c.Env)
	more := verify.Deployments(view, c.Plan, pool.Types(c.Env))
	more = append(more, run.NoOrphans(c.Server, c.Owner(), c.Env.Name, verify.ForRuns("")...)...)
	more = append(more, verify.UI(view, verify.Shown{IDs: c.Plan.IDs()})...)
	if o.Smoke != "" {
		a, err := run.ForSmoke(c.Plan, o.Smoke, c.Env.Name)
		if err != nil {
			return err
		}
		more = append(more, run.Smoke(view.API, view.UI, a.Name, a.ID, verify.ForRuns(a.Pool())...)...)
	}
	return climbed(s, o, append(rungs, verify.Climb(ctx, s, more)...))
}

// VerifyUI checks that the pages of the Prefect UI are served and may talk to the right API.
func VerifyUI(ctx context.Context, s *session.Session, o VerifyOptions) error {
	env, to, rungs, err := reached(ctx, s, o)
	if err != nil {
		return err
	}
	shown := verify.Shown{}
	list, err := to.API.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{session.OwnerOf(env).Tag()}})
	if err != nil {
		return err
	}
	for _, d := range list {
		shown.IDs = append(shown.IDs, d.ID)
	}
	return climbed(s, o, append(rungs, verify.Climb(ctx, s, verify.UI(verify.ViewOf(to, env), shown))...))
}

// reached opens an environment and climbs from its settings to its server. When a rung fails, all are printed, and the error is climbed's.
func reached(ctx context.Context, s *session.Session, o VerifyOptions) (config.Env, session.Server, ladder.Rungs, error) {
	env, to, _, err := session.OpenEnv(ctx, s, o.Env)
	if err != nil {
		return env, to, nil, err
	}
	rungs := verify.Climb(ctx, s, verify.Reach(verify.ViewOf(to, env)))
	if _, failed := rungs.Failure(); failed {
		err = climbed(s, o, rungs)
	}
	return env, to, rungs, err
}

// climbed prints the rungs. The error is for the first failed one, which explains the others.
func climbed(s *session.Session, o VerifyOptions, rungs ladder.Rungs) error {
	if o.JSON {
		if err := s.Console.JSON(map[string]any{"rungs": rungs}); err != nil {
			return err
		}
	} else {
		for _, r := range rungs {
			s.Console.Printf("%s\n", r)
		}
	}
	failed, bad := rungs.Failure()
	if !bad {
		return nil
	}
	return &fault.Error{
		Code: failed.Code, What: failed.Name + ": " + failed.Detail, Why: failed.Why, Next: failed.Next,
	}
}
