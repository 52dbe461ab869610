package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
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
func Verify(ctx context.Context, s *Session, o VerifyOptions) error {
	if err := VerifyFlows(ctx, s, o); err != nil || o.Env == "" {
		return err
	}
	if s.Untrusted { // containers of its images would run
		s.Console.Say("images are not looked into")
	} else if err := s.verifyImages(ctx, o); err != nil {
		return err
	}
	return VerifyDeployments(ctx, s, o) // its ladder ends at the UI
}

// verifyImages looks into images where the environment has some, and Docker is not left out.
func (s *Session) verifyImages(ctx context.Context, o VerifyOptions) error {
	env, _, err := s.settings(ctx, o.Env)
	if err != nil || !hasContainers(env) {
		return err
	}
	if _, err := s.docker(ctx); err != nil && env.Containers == auto {
		return nil
	}
	return VerifyImages(ctx, s, o)
}

// VerifyFlows runs every rule that needs no server and shows every finding at once.
func VerifyFlows(ctx context.Context, s *Session, o VerifyOptions) error {
	d, err := s.drafted(ctx, DeployOptions{Env: o.Env, Only: o.Only})
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

// VerifyDeployments climbs the ladder from the server's address to a run that can start.
func VerifyDeployments(ctx context.Context, s *Session, o VerifyOptions) error {
	if o.Smoke != "" {
		if err := s.Trusted(); err != nil {
			return err
		}
	}
	_, _, rungs, err := s.reached(ctx, o)
	if err != nil {
		return err
	}
	c, err := s.plan(ctx, DeployOptions{Env: o.Env, Only: o.Only}, false)
	if err != nil {
		return err
	}
	born, err := c.server.born(ctx)
	if err != nil {
		return err
	}
	view := c.server.view(c.draft.env)
	more := verify.Deployments(view, c.plan, c.draft.env.PoolTypes())
	more = append(more, verify.Runs(view, c.draft.owner().Tags(), born)...)
	more = append(more, verify.UI(view, verify.Shown{IDs: c.plan.IDs()})...)
	if o.Smoke != "" {
		smoke, err := smokeOf(view, c.plan, o.Smoke)
		if err != nil {
			return err
		}
		more = append(more, smoke...)
	}
	return s.climbed(o, append(rungs, s.climb(ctx, more)...))
}

// VerifyUI checks that the pages of the Prefect UI are served and may talk to the right API.
func VerifyUI(ctx context.Context, s *Session, o VerifyOptions) error {
	env, to, rungs, err := s.reached(ctx, o)
	if err != nil {
		return err
	}
	shown := verify.Shown{}
	list, err := to.api.Deployments(ctx, prefect.DeploymentFilter{Tags: []string{ownerOf(env).Tag()}})
	if err != nil {
		return err
	}
	for _, d := range list {
		shown.IDs = append(shown.IDs, d.ID)
	}
	return s.climbed(o, append(rungs, s.climb(ctx, verify.UI(to.view(env), shown))...))
}

// reached opens an environment and climbs from its settings to its server. When a rung fails, all are printed, and the error is climbed's.
func (s *Session) reached(ctx context.Context, o VerifyOptions) (config.Env, server, verify.Rungs, error) {
	env, to, _, err := s.open(ctx, o.Env)
	if err != nil {
		return env, to, nil, err
	}
	rungs := s.climb(ctx, verify.Reach(to.view(env)))
	if _, failed := rungs.Failure(); failed {
		err = s.climbed(o, rungs)
	}
	return env, to, rungs, err
}

// view is the server as the ladder sees it.
func (to server) view(env config.Env) verify.Server {
	return verify.Server{API: to.api, Origin: to.origin, UI: strings.TrimSuffix(to.ui, "/"), Env: env.Name}
}

// smokeOf finds the deployment that a smoke run is made of.
func smokeOf(view verify.Server, plan plan.Plan, name string) (verify.Ladder, error) {
	var known []string
	for _, a := range plan.Actions {
		if a.ID != "" && (a.Name == name || a.Flow == name) {
			return verify.Smoke(view, a.Name, a.ID, a.Pool()), nil
		}
		known = append(known, a.Flow)
	}
	return nil, &fault.Error{
		Code: fault.Usage, What: fmt.Sprintf("-smoke=%s names no deployment that is there", name), Where: view.Env,
		Next: "name one of: " + strings.Join(known, ", "),
	}
}

// climbed prints the rungs. The error is for the first failed one, which explains the others.
func (s *Session) climbed(o VerifyOptions, rungs verify.Rungs) error {
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

// deployedWell climbs what is new after a deploy: the way to the server has just been gone. A failure is told and doesn't undo the
// deploy, so the exit code stays the deploy's own.
func (s *Session) deployedWell(ctx context.Context, out deployed, since time.Time) verify.Rungs {
	plan := out.plan.Applied(out.result)
	view := out.server.view(out.draft.env)
	ladder := verify.Deployments(view, plan, out.draft.env.PoolTypes())
	ladder = append(ladder, verify.UI(view, verify.Shown{IDs: plan.IDs(), Since: since})...)
	rungs := s.climb(ctx, ladder)
	for _, r := range rungs {
		if r.State == verify.Failed || r.State == verify.Warned {
			s.Console.Warn("%s", r.Told())
		}
		if r.State == verify.OK && r.Name == verify.Visible {
			s.Console.Say("visible in the UI: %s", r.Detail)
		}
	}
	s.Console.Say("verified: %d checks ok, %d warnings, %d failed, %d skipped",
		rungs.Count(verify.OK), rungs.Count(verify.Warned), rungs.Count(verify.Failed), rungs.Count(verify.Skipped))
	return rungs
}
