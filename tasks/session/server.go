package session

import (
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/version"
)

// Server is the Prefect server that a command talks to.
type Server struct {
	API     *prefect.Client
	Origin  string   // where its address came from, for people
	UI      string   // the UI's address
	Environ []string // variables by which Prefect's own programs reach it, with what it asks of them

	Embedded *local.Local // the environment in .flowmage/, if the server is that one's; else nil
	Running  local.Server // the embedded server
}

// DeploymentLink gives a deployment's page in the UI.
func (to Server) DeploymentLink(id string) string { return prefect.DeploymentLink(to.UI, id) }

// RunLink gives a flow run's page in the UI.
func (to Server) RunLink(id string) string { return prefect.FlowRunLink(to.UI, id) }

// Access says how a command wants the embedded server. With the zero value it only looks: a server that does not run is a fault.
type Access struct {
	Start    bool        // it is started when it does not run
	Flows    []flow.Flow // whose packages it must have
	Answered string      // the address of one that has answered this command already
}

// Connect gives the environment's server, says which it is, and warns of credentials that were kept back. Whether a server that is not the
// embedded one answers shows with the first request.
func (s *Session) Connect(ctx context.Context, env config.Env, a Access) (Server, error) {
	at, err := s.Locate(env)
	if err != nil {
		return Server{}, err
	}
	for _, w := range at.Warnings {
		s.Console.Warn("%s", w)
	}
	to := Server{Origin: at.Origin, UI: at.UI, Embedded: at.Embedded}
	if to.Embedded != nil {
		if to.Running, err = embeddedServer(ctx, s, to.Embedded, a); err != nil {
			return Server{}, err
		}
		at.Options.URL, at.Options.AuthString, to.UI = to.Running.URL, to.Running.Auth, to.Running.UI
		hideCredential(s, to.Running.Auth)
	}
	to.Environ = ProgramEnviron(s, at.Options)
	if to.API, err = s.Client(at.Options); err != nil {
		return Server{}, err
	}
	showBanner(ctx, s, env, to)
	return to, nil
}

// Client gives a client that waits no longer than the command may, and tells what for.
func (s *Session) Client(o prefect.Options) (*prefect.Client, error) {
	o.Patience, o.Await, o.Version = s.patience, s.Console.Await, version.Program().Short()
	return prefect.New(o)
}

// Embedded gives the environment that is kept in .flowmage/. Its server's password is hidden from then on: logs may have it.
func (s *Session) Embedded(env config.Env) *local.Local {
	tracked := func(ctx context.Context) bool { return s.Git.Tracks(ctx, local.Folder) }
	l := local.New(local.Options{Root: s.Root, Environ: s.Environ, Console: s.Console, Python: env.Python, Tracked: tracked})
	hideCredential(s, l.Auth())
	return l
}

// embeddedServer gives the embedded server, started if that is wanted.
func embeddedServer(ctx context.Context, s *Session, l *local.Local, a Access) (local.Server, error) {
	s.FinishOnSignal()
	if a.Start {
		if err := s.RequireTrust(); err != nil {
			return local.Server{}, err
		}
		return l.Up(ctx, local.Wanted{Requirements: Requirements(s, a.Flows), Answered: a.Answered})
	}
	found, state, err := l.Answering(ctx, a.Answered)
	switch {
	case err != nil:
		return local.Server{}, err
	case state == local.Running:
		return found, nil
	case state == local.Unhealthy:
		return local.Server{}, &fault.Error{
			Code: fault.Server, What: fmt.Sprintf("the embedded Prefect server (process %d) runs and does not answer", found.PID), Where: found.Log,
			Next: "read the end of the log named above; mage env:up starts the server anew",
		}
	}
	return local.Server{}, &fault.Error{
		Code: fault.Server, What: "the embedded Prefect server is not running", Why: "this command only looks; it starts nothing",
		Next: "mage env:up (or make deploy-dev, which starts it too)",
	}
}

// showBanner says which environment, server and code a command is about; a command that connects twice says it once.
func showBanner(ctx context.Context, s *Session, env config.Env, to Server) {
	facts := s.Commit(ctx)
	code := facts.Short()
	switch {
	case facts.Branch != "" && facts.By != "":
		code += " on " + facts.Branch + " as " + facts.By + " says"
	case facts.Branch != "":
		code += " on " + facts.Branch
	case facts.Pull != "":
		code += " for a pull request from " + facts.Pull + " as " + facts.By + " says"
	}
	line := fmt.Sprintf("%s -> %s (%s), project %s, %s", env.Name, to.API.URL(), to.Origin, env.Project, code)
	if line != s.banner {
		s.banner = line
		s.Console.Say("%s", line)
	}
}
