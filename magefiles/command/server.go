package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/live"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/secret"
	"github.com/flowmage/flowmage/tasks/tree"
)

// server is the Prefect server that a command talks to.
type server struct {
	api      *prefect.Client
	origin   string // where its address came from, for the banner
	ui       string // the UI's address
	embedded *local.Local
	started  bool         // the embedded one, by this command
	running  local.Server // the embedded one

	credentials []string // variables for Prefect's own programs
}

// embedded gives the environment that is kept in .flowmage/. Its server's password is hidden from then on: logs may have it.
func (s *Session) embedded(env config.Env) *local.Local {
	tracked := func(ctx context.Context) bool { return s.Git.Tracks(ctx, local.Folder) }
	l := local.New(local.Options{Root: s.Root, Environ: s.Environ, Console: s.Console, Python: env.Python, Tracked: tracked})
	s.hide(l.Auth())
	return l
}

// access says how a command wants the embedded server.
type access struct {
	start    bool        // it is started when it does not run
	flows    []flow.Flow // whose packages it must have
	answered string      // the address of one that has answered this command already
}

// connect finds the environment's server. What the settings name comes first; dev alone falls back to what a Prefect user
// has set (PREFECT_API_URL, the active profile), and then to the embedded server.
func (s *Session) connect(ctx context.Context, env config.Env, a access) (server, error) {
	at, err := s.locate(env)
	if err != nil {
		return server{}, err
	}
	for _, w := range at.warnings {
		s.Console.Warn("%s", w)
	}
	to := at.server
	if to.embedded != nil {
		running, err := s.running(ctx, to.embedded, a)
		if err != nil {
			return server{}, err
		}
		at.options.URL, at.options.AuthString, to.ui, to.started, to.running = running.URL, running.Auth, running.UI, running.Started, running
		s.hide(running.Auth)
	}
	to.credentials = append(credentialsOf(at.options), s.direct(at.options.URL)...)
	to.api, err = s.client(at.options)
	if err != nil {
		return server{}, err
	}
	s.banner(ctx, env, to)
	return to, nil
}

// located is where an environment's server should be. The embedded one has no address before it has been started.
type located struct {
	server
	options  prefect.Options
	warnings []string
	admitted []string // the variables whose credentials are among the options
}

// locate finds the server's address and the credentials that may go there, and neither asks nor starts it.
func (s *Session) locate(env config.Env) (located, error) {
	found, err := s.found(env.Name)
	if err != nil {
		return located{}, err
	}
	var at located
	var server credential.Address
	at.warnings = found.Warnings
	switch {
	case env.Server.URL != "":
		server = credential.Address{URL: env.Server.URL, Name: source(env.Origin("server.url"))}
		if env.Outside("server.url") {
			server.Place = credential.Outside
		}
		at.ui = env.Server.Dashboard()
	case found.URL.Set():
		server = credential.Address{URL: found.URL.Value, Name: found.URL.Origin, Place: credential.Outside}
		if found.URL.From == prefect.FromProfile {
			server.Place = s.placeOf(found.ProfileFile)
		}
		at.ui = cmp.Or(found.UIURL.Value, prefect.UIBase(found.URL.Value))
	default:
		at.embedded, at.origin = s.embedded(env), "embedded in .flowmage/"
		at.warnings = append(at.warnings, unsent(env, found)...)
		// Credentials of other servers must not go to this one.
		at.options = prefect.Options{
			Timeout: found.Timeout.Value, Ended: at.embedded.Ended,
			Start: "mage env:up starts the embedded server again, and mage env:logs tells why it ended; then run the command again",
		}
		return at, nil
	}
	at.origin = server.Name
	if err := s.admit(&at, env, found, server); err != nil {
		return located{}, err
	}
	if found.URL.Set() && !credential.Same(found.URL.Value, server.URL) {
		at.warnings = append(at.warnings, ignored(env, found, server, at.options))
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

// glance begins to read what the server holds, so that it works while flows are read here. Nil when there is no server yet; what
// is wrong with the address is told when it is needed.
func (s *Session) glance(ctx context.Context, env config.Env) *live.Reading {
	at, err := s.locate(env)
	if err != nil {
		return nil
	}
	if at.embedded != nil {
		running, ok := at.embedded.Recorded(ctx)
		if !ok {
			return nil
		}
		at.options.URL, at.options.AuthString = running.URL, running.Auth
	}
	api, err := s.client(at.options)
	if err != nil {
		return nil
	}
	var queuesOf []string
	pools, _ := env.WorkPools() // what is wrong with them is told later
	for _, p := range pools {
		if p.Upkeep.Queues != nil {
			queuesOf = append(queuesOf, p.Name)
		}
	}
	return live.Begin(ctx, api, ownerOf(env), queuesOf)
}

// leaveCore keeps this process off one of the processors until the function that comes back is called, if the server that is read is on this
// machine: what is worked on here while it answers would only make it answer later. It lets the requests out first.
func leaveCore(reading *live.Reading) (all func()) {
	if check.Elsewhere(reading.API().URL()) {
		return func() {}
	}
	reading.Sent(20 * time.Millisecond)
	before := runtime.GOMAXPROCS(max(1, runtime.GOMAXPROCS(0)-1))
	return func() { runtime.GOMAXPROCS(before) }
}

// running gives the embedded server, started if that is wanted.
func (s *Session) running(ctx context.Context, l *local.Local, a access) (local.Server, error) {
	s.Engage()
	if a.start {
		if err := s.Trusted(); err != nil {
			return local.Server{}, err
		}
		return l.Up(ctx, local.Wanted{Requirements: s.requirements(a.flows), Answered: a.answered})
	}
	found, state, err := l.Answering(ctx, a.answered)
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

// source names the place of a setting: file and line, or the variable or flag.
func source(at config.Origin) string {
	if strings.HasPrefix(at.File, "<") && at.Key != "" {
		return at.Key + " in the " + strings.Trim(at.File, "<>")
	}
	return at.String()
}

// banner says which environment, server and code a command is about.
func (s *Session) banner(ctx context.Context, env config.Env, to server) {
	line := fmt.Sprintf("%s -> %s (%s), project %s, %s", env.Name, to.api.URL(), to.origin, env.Project, describeCommit(ctx, s))
	if line != s.said {
		s.said = line
		s.Console.Say("%s", line)
	}
}

func describeCommit(ctx context.Context, s *Session) string {
	facts := s.commit(ctx)
	text := facts.Short()
	if facts.Branch != "" {
		text += " on " + facts.Branch
	}
	return text
}

// requirements lists the requirements files that the flows need: the repository's own and those beside the flows.
func (s *Session) requirements(flows []flow.Flow) []string {
	var out []string
	add := func(name string) {
		if info, err := fs.Stat(s.tree(), name); (err == nil && !info.IsDir() || errors.Is(err, tree.ErrOutside)) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	add("pyproject.toml")
	add("requirements.txt")
	for _, f := range flows {
		add(path.Join(path.Dir(f.File), "requirements.txt"))
	}
	return out
}

// worker makes sure that the embedded environment has a worker for each of those process and Docker pools, which are there: a worker would
// make a missing one, and it would be nobody's (Prefect: workers/base.py). Elsewhere workers are their owners' business.
func (s *Session) worker(ctx context.Context, to server, env config.Env, there []string) error {
	if to.embedded == nil {
		return nil
	}
	for name, kind := range env.PoolTypes() {
		if !slices.Contains(there, name) {
			continue
		}
		w := local.WorkerSpec{Pool: name, Type: kind, APIURL: to.api.URL(), Env: to.credentials}
		switch kind {
		case "process":
		case "docker":
			if !hasContainers(env) {
				continue
			}
			var err error
			if w, err = s.dockerWorker(ctx, to, env, w); err != nil {
				if env.Containers != auto {
					s.Console.Warn("there is no worker for containers: %v", err)
				}
				continue
			}
		default:
			continue
		}
		if _, err := to.embedded.Worker(ctx, w); err != nil {
			return fmt.Errorf("the worker for %s: %w", name, err)
		}
	}
	return nil
}

// link gives a deployment's page in the UI.
func (to server) link(id string) string {
	return prefect.DeploymentLink(to.ui, id)
}
