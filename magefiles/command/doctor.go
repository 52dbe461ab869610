package command

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/kind"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/lock"
	"github.com/flowmage/flowmage/tasks/ownership"
	"github.com/flowmage/flowmage/tasks/plan"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/verify"
	"github.com/flowmage/flowmage/tasks/version"
)

// DoctorOptions are the choices of env:doctor.
type DoctorOptions struct {
	Env    string
	JSON   bool
	Bundle string // the file for a support archive
}

// Doctor finds out everything about an environment, starts and changes nothing, and tells what is wrong with what to do.
func Doctor(ctx context.Context, s *Session, o DoctorOptions) error {
	env, findings, err := s.explained(ctx, o.Env)
	if err != nil {
		return err
	}
	s.conceal(env)
	f := verify.Facts{
		Env: env.Name, At: time.Now().Truncate(time.Second), Version: version.Program().String(), System: runtime.GOOS + "/" + runtime.GOARCH, Commit: s.commit(ctx).Short(), Settings: findings,
		Containers: len(kind.Imaged(env.Kinds)) > 0 && env.Containers != "off" && env.Containers != "auto",
	}
	f.Tools, f.Disks = s.tools(ctx), s.disks(ctx)
	s.aboutPlace(ctx, &f, env)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	told := verify.Diagnose(f)
	if o.Bundle != "" {
		if err := s.bundle(o.Bundle, env, f, told); err != nil {
			return err
		}
		s.Console.Say("written to %s; read it before you send it on", o.Bundle)
	}
	if o.JSON {
		err = s.Console.JSON(map[string]any{"facts": f, "findings": append(finding.List{}, told...)})
	} else {
		err = s.page(f, told)
	}
	if err == nil && told.HasErrors() {
		err = &fault.Error{
			Code: fault.Findings, What: fmt.Sprintf("%d of %d troubles are errors", told.Count(finding.Error), len(told)), Next: "begin with the first one above: it may explain the others",
		}
	}
	return err
}

// conceal hides every value that is a secret by the name of its setting or variable.
func (s *Session) conceal(env config.Env) {
	for _, text := range env.Hidden() {
		if s.ownSecret(text) {
			s.Console.Hide(text)
		}
	}
	for _, pair := range s.Environ {
		name, value, _ := strings.Cut(pair, "=")
		place := name == "PWD" || name == "OLDPWD" || name == "SSH_AUTH_SOCK" || name == credential.For // no secrets, whatever their names say
		if !place && secret.Named([]string{name}) {
			s.Console.Hide(value)
		}
	}
	_, _ = s.secrets(env) // the files that the settings name
}

// aboutPlace adds what can be known about the server, as far as it can be reached.
func (s *Session) aboutPlace(ctx context.Context, f *verify.Facts, env config.Env) {
	at, err := s.locate(env)
	if err != nil {
		f.Settings = append(f.Settings, asFinding("server", err))
		return
	}
	f.Origin, f.Warnings = at.origin, at.warnings
	if at.embedded != nil {
		s.aboutEmbedded(ctx, f, at.embedded)
		if f.Embedded == nil || f.Embedded.State != string(local.Running) {
			return
		}
	}
	if at.embedded == nil {
		if status, err := s.embedded(env).Status(ctx); err == nil && status.Python.Problem == "" {
			f.Packages = packagesOf(status.Python.Path) // workers that are started here run in it
		}
	}
	to, err := s.connect(ctx, env, access{})
	if err != nil {
		f.Settings = append(f.Settings, asFinding("server", err))
		return
	}
	f.Server = to.api.URL()
	f.Rungs = s.climb(ctx, verify.Reach(to.view(env)))
	if _, failed := f.Rungs.Failure(); !failed {
		s.aboutServer(ctx, f, env, to)
	}
}

// asFinding makes a finding of what would stop another command.
func asFinding(code string, err error) finding.Finding {
	out := catalogue.New(code, finding.Surroundings(), finding.Finding{Message: err.Error()})
	if f, ok := errors.AsType[*fault.Error](err); ok {
		out.Message, out.Why, out.Fix = f.What, f.Cause(), f.Next
	}
	return out
}

func (s *Session) aboutEmbedded(ctx context.Context, f *verify.Facts, l *local.Local) {
	status, err := l.Status(ctx)
	if err != nil {
		f.Unknown = append(f.Unknown, "the embedded environment: "+err.Error())
		return
	}
	f.Embedded = &verify.Embedded{State: string(status.Server.State), Python: status.Python.Problem, Log: status.Server.Log}
	f.Packages = packagesOf(status.Python.Path)
	if status.Server.State == local.Stopped {
		dialer := &net.Dialer{Timeout: time.Second}
		if conn, err := dialer.DialContext(ctx, "tcp", "127.0.0.1:4200"); err == nil {
			f.Embedded.Taken = true
			_ = conn.Close()
		}
	}
}

// aboutServer adds the rest of the ladder and what no rung looks at.
func (s *Session) aboutServer(ctx context.Context, f *verify.Facts, env config.Env, to server) {
	unknown := func(what string, err error) {
		if err != nil {
			f.Unknown = append(f.Unknown, what+": "+err.Error())
		}
	}
	var err error
	f.Prefect, err = to.api.Version(ctx)
	unknown("the server's version", err)
	now := time.Now()
	if theirs, ok := to.api.ServerTime(now); ok {
		f.Skew = theirs.Sub(now)
	}
	if !to.api.IsCloud() {
		settings, err := to.api.ServerSettings(ctx)
		unknown("the server's settings", err)
		f.Single = err == nil && settings.SingleProcess()
		f.Database = databaseOf(settings, to)
	}
	s.aboutPlan(ctx, f, env, to)
	f.Idle, err = idle(ctx, to.api, env)
	unknown("the work pools", err)
	f.Runs, err = to.waiting(ctx, ownerOf(env))
	unknown("the runs", err)
	h, held, err := lock.Held(ctx, to.api, ownerOf(env))
	unknown("the lock", err)
	if held {
		f.Lock = &verify.LockHolder{Who: h.String(), Seen: time.Since(h.Seen).Round(time.Second), Dead: gone(ctx, h)}
	}
}

// aboutPlan compares server and repository, and climbs the rest of the ladder.
func (s *Session) aboutPlan(ctx context.Context, f *verify.Facts, env config.Env, to server) {
	view := to.view(env)
	shown := verify.Shown{}
	c, err := s.plan(ctx, DeployOptions{Env: env.Name}, false)
	if err != nil {
		f.Settings = append(f.Settings, asFinding("repository", err))
	} else {
		for _, a := range c.plan.Actions {
			if a.Op == plan.Leftover || a.Op == plan.Delete {
				f.Left = append(f.Left, a.Name)
			}
		}
		shown.IDs = c.plan.IDs()
		f.Image = s.imagePrefect(ctx, c.draft)
		f.Rungs = append(f.Rungs, s.climb(ctx, verify.Deployments(view, c.plan, c.draft.env.PoolTypes()))...)
	}
	f.Rungs = append(f.Rungs, s.climb(ctx, verify.UI(view, shown))...)
}

// databaseOf guesses: a server doesn't tell its database.
func databaseOf(settings prefect.ServerSettings, to server) string {
	switch {
	case to.embedded != nil:
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
	types := env.PoolTypes()
	for _, p := range pools {
		if _, ours := types[p.Name]; !ours && p.Status == "NOT_READY" {
			out = append(out, p.Name)
		}
	}
	return out, err
}

// waiting gives our runs that are late, and those that a dead process has taken.
func (to server) waiting(ctx context.Context, owner ownership.Owner) ([]verify.Run, error) {
	late, err := to.api.FlowRuns(ctx, prefect.FlowRunFilter{StateNames: []string{"Late"}, Tags: []string{owner.Tag()}, Limit: 200})
	if err != nil {
		return nil, err
	}
	out := make([]verify.Run, 0, len(late))
	for _, r := range late {
		out = append(out, verify.Run{ID: r.ID, Name: r.Name, State: "Late", Since: time.Since(r.State.Timestamp).Round(time.Second)})
	}
	left, err := to.leftBehind(ctx, owner)
	for _, l := range left {
		out = append(out, verify.Run{ID: l.ID, Name: l.Name, State: l.State, Since: time.Since(l.Since).Round(time.Second), Why: l.Why})
	}
	return out, err
}

// page prints everything on one page.
func (s *Session) page(f verify.Facts, told finding.List) error {
	w := tabwriter.NewWriter(s.Console.Out(), 0, 4, 2, ' ', 0)
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%s\t%s\n", name, value)
		}
	}
	row("flowmage", f.Version)
	row("environment", f.Env+", "+f.Commit+", "+f.System)
	server := f.Server
	if f.Embedded != nil {
		server = strings.TrimSpace(server + " " + f.Embedded.State)
	}
	row("server", server+" ("+f.Origin+")")
	row("Prefect", f.Prefect)
	row("database", f.Database)
	for _, t := range f.Tools {
		text := t.Version
		if t.Problem != "" {
			text = t.Problem
		}
		row(t.Name, text)
	}
	for _, d := range f.Disks {
		row("disk", fmt.Sprintf("%s: %.1f GiB free", d.Path, float64(d.Free)/(1<<30)))
	}
	if f.Server != "" {
		row("clock", fmt.Sprintf("the server's differs by %.1f s", f.Skew.Seconds()))
	}
	row("ladder", fmt.Sprintf("%d ok, %d warnings, %d failed, %d skipped", f.Rungs.Count(verify.OK), f.Rungs.Count(verify.Warned), f.Rungs.Count(verify.Failed), f.Rungs.Count(verify.Skipped)))
	for _, u := range f.Unknown {
		row("not known", u)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, t := range told {
		s.Console.Printf("\n%s\n", t)
	}
	if len(told) == 0 {
		s.Console.Printf("\nnothing is wrong\n")
	}
	return nil
}
