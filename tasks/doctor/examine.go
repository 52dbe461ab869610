package doctor

import (
	"context"
	"net"
	"runtime"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/draft"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/pool"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/run"
	"github.com/flowmage/flowmage/tasks/session"
	"github.com/flowmage/flowmage/tasks/verify"
	"github.com/flowmage/flowmage/tasks/version"
)

// Examine finds out what can be known of an environment. It starts and changes nothing.
func Examine(ctx context.Context, s *session.Session, name string) (config.Env, Facts, error) {
	env, findings, err := session.AllSettings(ctx, s, name)
	if err != nil {
		return env, Facts{}, err
	}
	session.HideSecrets(s, env)
	f := Facts{
		Env: env.Name, At: time.Now().Truncate(time.Second), Version: version.Program().String(), System: runtime.GOOS + "/" + runtime.GOARCH, Commit: s.Commit(ctx).Short(), Settings: findings,
		Containers: len(kind.Imaged(env.Kinds)) > 0 && env.Containers != "off" && env.Containers != "auto",
	}
	f.Tools, f.Disks = tools(ctx, s), disks(ctx, s)
	aboutServer(ctx, s, &f, env)
	return env, f, ctx.Err()
}

// aboutServer adds what can be known about the server, as far as it can be reached.
func aboutServer(ctx context.Context, s *session.Session, f *Facts, env config.Env) {
	at, err := s.Locate(env)
	if err != nil {
		f.Settings = append(f.Settings, asFinding("server", err))
		return
	}
	f.Origin, f.Warnings = at.Origin, at.Warnings
	if at.Embedded != nil {
		aboutEmbedded(ctx, f, at.Embedded)
		if f.Embedded == nil || f.Embedded.State != string(local.Running) {
			return
		}
	}
	if at.Embedded == nil {
		if status, err := s.Embedded(env).Status(ctx); err == nil && status.Python.Problem == "" {
			f.Packages = packagesOf(status.Python.Path) // workers that are started here run in it
		}
	}
	to, err := s.Connect(ctx, env, session.Access{})
	if err != nil {
		f.Settings = append(f.Settings, asFinding("server", err))
		return
	}
	f.Server = to.API.URL()
	f.Rungs = verify.Climb(ctx, s, verify.Reach(verify.ViewOf(to, env)))
	if _, failed := f.Rungs.Failure(); !failed {
		aboutAnswers(ctx, s, f, env, to)
	}
}

// asFinding makes a finding of what would stop another command.
func asFinding(code string, err error) finding.Finding {
	f := fault.Of(err)
	return catalogue.New(code, finding.Surroundings(), finding.Finding{Message: f.What, Why: f.Cause(), Fix: f.Next})
}

func aboutEmbedded(ctx context.Context, f *Facts, l *local.Local) {
	status, err := l.Status(ctx)
	if err != nil {
		f.Unknown = append(f.Unknown, "the embedded environment: "+err.Error())
		return
	}
	f.Embedded = &Embedded{State: string(status.Server.State), Python: status.Python.Problem, Log: status.Server.Log}
	f.Packages = packagesOf(status.Python.Path)
	if status.Server.State == local.Stopped {
		dialer := &net.Dialer{Timeout: time.Second}
		if conn, err := dialer.DialContext(ctx, "tcp", "127.0.0.1:4200"); err == nil {
			f.Embedded.Taken = true
			_ = conn.Close()
		}
	}
}

// aboutAnswers adds the rest of the ladder and what no rung looks at.
func aboutAnswers(ctx context.Context, s *session.Session, f *Facts, env config.Env, to session.Server) {
	unknown := func(what string, err error) {
		if err != nil {
			f.Unknown = append(f.Unknown, what+": "+err.Error())
		}
	}
	var err error
	f.Prefect, err = to.API.Version(ctx)
	unknown("the server's version", err)
	now := time.Now()
	if theirs, ok := to.API.ServerTime(now); ok {
		f.Skew = theirs.Sub(now)
	}
	if !to.API.IsCloud() {
		settings, err := to.API.ServerSettings(ctx)
		unknown("the server's settings", err)
		f.Single = err == nil && settings.SingleProcess()
		f.Database = databaseOf(settings, to)
	}
	aboutPlan(ctx, s, f, env, to)
	f.Idle, err = idle(ctx, to.API, env)
	unknown("the work pools", err)
	f.Runs, err = waiting(ctx, to, session.OwnerOf(env))
	unknown("the runs", err)
	h, held, err := lock.Held(ctx, to.API, session.OwnerOf(env))
	unknown("the lock", err)
	if held {
		f.Lock = &LockHolder{Who: h.String(), Seen: time.Since(h.Seen).Round(time.Second), Dead: h.Gone(ctx)}
	}
}

// aboutPlan compares server and repository, and climbs the rest of the ladder.
func aboutPlan(ctx context.Context, s *session.Session, f *Facts, env config.Env, to session.Server) {
	view := verify.ViewOf(to, env)
	shown := verify.Shown{}
	c, err := draft.Plan(ctx, s, draft.Options{Env: env.Name}, false)
	if err != nil {
		f.Settings = append(f.Settings, asFinding("repository", err))
	} else {
		for _, a := range c.Plan.Actions {
			if a.Op == plan.Leftover || a.Op == plan.Delete {
				f.Left = append(f.Left, a.Name)
			}
		}
		shown.IDs = c.Plan.IDs()
		f.Image = imagePrefect(ctx, s, c.Rendered)
		f.Rungs = append(f.Rungs, verify.Climb(ctx, s, verify.Deployments(view, c.Plan, pool.Types(c.Env)))...)
	}
	f.Rungs = append(f.Rungs, verify.Climb(ctx, s, verify.UI(view, shown))...)
}

// databaseOf guesses: a server doesn't tell its database.
func databaseOf(settings prefect.ServerSettings, to session.Server) string {
	switch {
	case to.Embedded != nil:
		return "SQLite in .flowmage/server"
	case settings.SingleProcess():
		return "SQLite, or Postgres for one process"
	default:
		return "Postgres, with " + settings.Server.Events.Broker
	}
}

// idle gives the other work pools that nobody polls; those of the environment are on the ladder.
func idle(ctx context.Context, api *prefect.Client, env config.Env) ([]string, error) {
	pools, err := api.WorkPools(ctx)
	var out []string
	types := pool.Types(env)
	for _, p := range pools {
		if _, ours := types[p.Name]; !ours && p.Status == "NOT_READY" {
			out = append(out, p.Name)
		}
	}
	return out, err
}

// waiting gives our runs that are late, and those that a dead process has taken.
func waiting(ctx context.Context, to session.Server, owner ownership.Owner) ([]Run, error) {
	late, err := to.API.FlowRuns(ctx, prefect.FlowRunFilter{StateNames: []string{"Late"}, Tags: []string{owner.Tag()}, Limit: 200})
	if err != nil {
		return nil, err
	}
	out := make([]Run, 0, len(late))
	for _, r := range late {
		out = append(out, Run{ID: r.ID, Name: r.Name, State: "Late", Since: time.Since(r.State.Timestamp).Round(time.Second)})
	}
	left, err := run.Orphans(ctx, to, owner)
	for _, l := range left {
		out = append(out, Run{ID: l.ID, Name: l.Name, State: l.State, Since: time.Since(l.Since).Round(time.Second), Why: l.Why})
	}
	return out, err
}
