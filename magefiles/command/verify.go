package command

import (
	"cmp"
	"context"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/ladder"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/report"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verify"
)

// VerifyOptions are the choices of the verify targets.
type VerifyOptions struct {
	Env  string // empty: the offline rules alone, with dev's settings
	Only []string
	JSON bool

	Format string // of what is printed: see package report
	Out    string // a file that gets it
	Since  string // flows: only what has changed since that commit, and what depends on it
	Smoke  string // deployments: a flow that is run once
	Fix    bool   // flows: make the edits that findings bring with them
	Yes    bool   // without asking
}

// Verify checks flows and settings; with an environment named also its deployments and the UI.
func Verify(ctx context.Context, s *session.Session, o VerifyOptions) error {
	return reported(s, o, func(v *reporting) error {
		if err := v.flows(ctx, &o); err != nil || o.Env == "" {
			return err
		}
		if since := v.report.Since; since != nil && len(since.Flows) == 0 {
			s.Console.Say("no flow is concerned: images and deployments are left alone")
			return nil
		}
		if s.Stance().Untrusted { // containers of its images would run
			s.Console.Say("images are not looked into")
		} else if err := v.imagesIfAny(ctx, o); err != nil {
			return err
		}
		return v.deployments(ctx, o) // its ladder ends at the UI
	})
}

// imagesIfAny looks into images where the environment has some, and Docker is not left out.
func (v *reporting) imagesIfAny(ctx context.Context, o VerifyOptions) error {
	env, _, err := v.s.Settings(ctx, o.Env, nil)
	if err != nil || !session.HasContainers(env) {
		return err
	}
	if _, err := v.s.Docker(ctx); err != nil && env.Containers == session.Auto {
		return nil
	}
	return v.images(ctx, o)
}

// VerifyFlows runs every rule that needs no server and shows every finding at once.
func VerifyFlows(ctx context.Context, s *session.Session, o VerifyOptions) error {
	return reported(s, o, func(v *reporting) error { return v.flows(ctx, &o) })
}

// flows runs the rules. Where only changes are looked at, o is about the flows that they concern afterwards.
func (v *reporting) flows(ctx context.Context, o *VerifyOptions) error {
	if err := v.mayMend(*o); err != nil {
		return err
	}
	asked := changes(ctx, v.s, o.Since) // git answers while the files are read
	d, err := draft.From(ctx, v.s, draft.Options{Env: o.Env, Only: o.Only})
	diff, unknown := asked()
	if err = cmp.Or(unknown, err); err != nil {
		return err
	}
	var since *report.Since
	if o.Since != "" {
		d, since = narrowed(v.s, d, o.Since, diff)
		if len(since.LeftOut) > 0 {
			o.Only = since.Flows
		}
	}
	v.judged(ctx, d, since)
	v.sayFixable(*o)
	if mended, err := v.mend(ctx, *o); err != nil {
		return err
	} else if mended {
		o.Fix, o.Yes = false, false
		return v.flows(ctx, o)
	}
	if d.Findings.HasErrors() {
		return d.BlockedFault("a deploy would leave these out")
	}
	return nil
}

// VerifyDeployments climbs the ladder from the server's address to a run that can start.
func VerifyDeployments(ctx context.Context, s *session.Session, o VerifyOptions) error {
	return reported(s, o, func(v *reporting) error { return v.deployments(ctx, o) })
}

func (v *reporting) deployments(ctx context.Context, o VerifyOptions) error {
	s := v.s
	if o.Smoke != "" {
		if err := s.RequireTrust(); err != nil {
			return err
		}
	}
	_, _, rungs, err := v.reached(ctx, o)
	if err != nil {
		return err
	}
	c, err := draft.Plan(ctx, s, draft.Options{Env: o.Env, Only: o.Only}, false)
	if err != nil {
		return err
	}
	v.report.Findings, v.report.Rules = append(v.report.Findings, c.Policed...), s.AllRules(ctx)
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
	return cmp.Or(v.climbed(append(rungs, verify.Climb(ctx, s, more)...)), c.Refusal())
}

// VerifyUI checks that the pages of the Prefect UI are served and may talk to the right API.
func VerifyUI(ctx context.Context, s *session.Session, o VerifyOptions) error {
	return reported(s, o, func(v *reporting) error { return v.pages(ctx, o) })
}

func (v *reporting) pages(ctx context.Context, o VerifyOptions) error {
	env, to, rungs, err := v.reached(ctx, o)
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
	return v.climbed(append(rungs, verify.Climb(ctx, v.s, verify.UI(verify.ViewOf(to, env), shown))...))
}

// reached opens an environment and climbs from its settings to its server. When a rung fails, all are told, and the error is climbed's.
func (v *reporting) reached(ctx context.Context, o VerifyOptions) (config.Env, session.Server, ladder.Rungs, error) {
	env, to, _, err := session.OpenEnv(ctx, v.s, o.Env)
	v.about(env)
	if err != nil {
		return env, to, nil, err
	}
	rungs := verify.Climb(ctx, v.s, verify.Reach(verify.ViewOf(to, env)))
	if _, failed := rungs.Failure(); failed {
		err = v.climbed(rungs)
	}
	return env, to, rungs, err
}
