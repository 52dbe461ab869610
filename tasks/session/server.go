package session

import (
	"cmp"
	"context"
	"fmt"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
)

func (to Server) RunLink(id string) string {
	return prefect.FlowRunLink(to.UI, id)
}

// Server is the Prefect server that a command talks to.
type Server struct {
	API      *prefect.Client
	Origin   string // where its address came from, for the banner
	UI       string // the UI's address
	Embedded *local.Local
	Started  bool         // the embedded one, by this command
	Running  local.Server // the embedded one

	Environ []string // variables for Prefect's own programs
}

// Embedded gives the environment that is kept in .flowmage/. Its server's password is hidden from then on: logs may have it.
func (s *Session) Embedded(env config.Env) *local.Local {
	tracked := func(ctx context.Context) bool { return s.Git.Tracks(ctx, local.Folder) }
	l := local.New(local.Options{Root: s.Root, Environ: s.Environ, Console: s.Console, Python: env.Python, Tracked: tracked})
	hide(s, l.Auth())
	return l
}

// Access says how a command wants the embedded server.
type Access struct {
	Start    bool        // it is started when it does not run
	Flows    []flow.Flow // whose packages it must have
	Answered string      // the address of one that has answered this command already
}

// Connect finds the environment's server. What the settings name comes first; dev alone falls back to what a Prefect user
// has set (PREFECT_API_URL, the active profile), and then to the embedded server.
func (s *Session) Connect(ctx context.Context, env config.Env, a Access) (Server, error) {
	at, err := s.Locate(env)
	if err != nil {
		return Server{}, err
	}
	for _, w := range at.Warnings {
		s.Console.Warn("%s", w)
	}
	to := at.Server
	if to.Embedded != nil {
		running, err := running(ctx, s, to.Embedded, a)
		if err != nil {
			return Server{}, err
		}
		at.Options.URL, at.Options.AuthString, to.UI, to.Started, to.Running = running.URL, running.Auth, running.UI, running.Started, running
		hide(s, running.Auth)
	}
	to.Environ = append(CredentialsOf(at.Options), Direct(s, at.Options.URL)...)
	to.API, err = s.Client(at.Options)
	if err != nil {
		return Server{}, err
	}
	banner(ctx, s, env, to)
	return to, nil
}

// Location is where an environment's server should be. The embedded one has no address before it has been started.
type Location struct {
	Server
	Options  prefect.Options
	Warnings []string
	admitted []string // the variables whose credentials are among the options
}

// Locate finds the server's address and the credentials that may go there, and neither asks nor starts it.
func (s *Session) Locate(env config.Env) (Location, error) {
	found, err := found(s, env.Name)
	if err != nil {
		return Location{}, err
	}
	var at Location
	var server credential.Address
	at.Warnings = found.Warnings
	switch {
	case env.Server.URL != "":
		server = credential.Address{URL: env.Server.URL, Name: env.Place("server.url")}
		if env.Outside("server.url") {
			server.Place = credential.Outside
		}
		at.UI = env.Server.Dashboard()
	case found.URL.Set():
		server = credential.Address{URL: found.URL.Value, Name: found.URL.Origin, Place: credential.Outside}
		if found.URL.From == prefect.FromProfile {
			server.Place = placeOfFile(s, found.ProfileFile)
		}
		at.UI = cmp.Or(found.UIURL.Value, prefect.UIBase(found.URL.Value))
	default:
		at.Embedded, at.Origin = s.Embedded(env), "embedded in .flowmage/"
		at.Warnings = append(at.Warnings, unsent(env, found)...)
		// Credentials of other servers must not go to this one.
		at.Options = prefect.Options{
			Timeout: found.Timeout.Value, Ended: at.Embedded.Ended,
			Start: "mage env:up starts the embedded server again, and mage env:logs tells why it ended; then run the command again",
		}
		return at, nil
	}
	at.Origin = server.Name
	if err := admit(s, &at, env, found, server); err != nil {
		return Location{}, err
	}
	if found.URL.Set() && !credential.Same(found.URL.Value, server.URL) {
		at.Warnings = append(at.Warnings, ignored(env, found, server, at.Options))
	}
	return at, nil
}

// ignored says that the address which a Prefect user has set is not the environment's.
func ignored(env config.Env, found prefect.Settings, server credential.Address, used prefect.Options) string {
	with := ", with its credentials"
	if used.APIKey != "" || used.AuthString != "" || len(used.Headers) > 0 {
		with = ""
	}
	return fmt.Sprintf("%s (%s) is not %s's server and is ignored%s; %s names %s",
		secret.Address(found.URL.Value), found.URL.Origin, env.Name, with, server.Name, server.URL)
}

// running gives the embedded server, started if that is wanted.
func running(ctx context.Context, s *Session, l *local.Local, a Access) (local.Server, error) {
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

// banner says which environment, server and code a command is about.
func banner(ctx context.Context, s *Session, env config.Env, to Server) {
	line := fmt.Sprintf("%s -> %s (%s), project %s, %s", env.Name, to.API.URL(), to.Origin, env.Project, describeCommit(ctx, s))
	if line != s.said {
		s.said = line
		s.Console.Say("%s", line)
	}
}

func describeCommit(ctx context.Context, s *Session) string {
	facts := s.Commit(ctx)
	text := facts.Short()
	if facts.Branch != "" {
		text += " on " + facts.Branch
	}
	return text
}

// DeploymentLink gives a deployment's page in the UI.
func (to Server) DeploymentLink(id string) string {
	return prefect.DeploymentLink(to.UI, id)
}
