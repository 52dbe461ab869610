package command

import (
	"context"
	"fmt"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
)

// server is the Prefect server that a command talks to.
type server struct {
	api      *prefect.Client
	origin   string // where its address came from, for the banner
	ui       string // the UI's address
	embedded *local.Local
}

// embedded gives the environment that is kept in .flowmage/.
func (s *Session) embedded(env config.Env) *local.Local {
	return local.New(local.Options{Root: s.Root, Environ: s.Environ, Console: s.Console, Python: env.Python})
}

// connect finds the environment's server. What the settings name comes first; dev alone falls back to what a Prefect user
// has set (PREFECT_API_URL, the active profile), and then to the embedded server, which is started when start is true.
func (s *Session) connect(ctx context.Context, env config.Env, flows []flow.Flow, start bool) (server, error) {
	found, err := prefect.Discover(s.Environ)
	if err != nil {
		return server{}, err
	}
	for _, w := range found.Warnings {
		s.Console.Warn("%s", w)
	}
	options := found.Options()
	var to server
	switch {
	case env.Server.URL != "":
		options, to.origin = s.credentials(env, found), source(env.Origin("server.url"))
		options.URL = env.Server.URL
		to.ui = env.Server.Dashboard()
	case found.URL.Set():
		to.origin, to.ui = found.URL.Origin, prefect.UIBase(found.URL.Value)
		if found.UIURL.Set() {
			to.ui = found.UIURL.Value
		}
	default:
		to.embedded, to.origin = s.embedded(env), "embedded in .flowmage/"
		running, err := s.running(ctx, to.embedded, flows, start)
		if err != nil {
			return server{}, err
		}
		// Credentials of other servers must not go to this one.
		options = prefect.Options{URL: running.URL, Timeout: found.Timeout.Value}
		to.ui = running.UI
	}
	_, password, _ := strings.Cut(options.AuthString, ":")
	for _, secret := range []string{options.APIKey, options.AuthString, password} {
		s.Console.Hide(secret)
	}
	to.api, err = prefect.New(options)
	if err != nil {
		return server{}, err
	}
	s.banner(ctx, env, to)
	return to, nil
}

// running gives the embedded server, started if that is wanted.
func (s *Session) running(ctx context.Context, l *local.Local, flows []flow.Flow, start bool) (local.Server, error) {
	if start {
		return l.Up(ctx, s.requirements(flows))
	}
	status, err := l.Status(ctx)
	if err != nil {
		return local.Server{}, err
	}
	if status.Server.State != local.Running {
		return local.Server{}, &fault.Error{
			Code: fault.Server, What: "the embedded Prefect server is not running", Why: "this command only looks; it starts nothing",
			Next: "mage env:up (or make deploy-dev, which starts it too)",
		}
	}
	return local.Server{URL: status.Server.URL, UI: status.Server.UI}, nil
}

// credentials gives what belongs to the server that the settings name: what a Prefect user has set, unless it was set for
// another host.
func (s *Session) credentials(env config.Env, found prefect.Settings) prefect.Options {
	options := found.Options()
	if !found.URL.Set() || host(found.URL.Value) == host(env.Server.URL) {
		return options
	}
	s.Console.Warn("%s (%s) is not %s's server and is ignored, with its credentials; %s names %s",
		found.URL.Value, found.URL.Origin, env.Name, source(env.Origin("server.url")), env.Server.URL)
	return prefect.Options{Timeout: options.Timeout}
}

// source names the place of a setting: file and line, or the variable or flag.
func source(at finding.Position) string {
	if strings.HasPrefix(at.File, "<") && at.Key != "" {
		return at.Key + " in the " + strings.Trim(at.File, "<>")
	}
	return at.String()
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}

// banner says which environment, server and code a command is about.
func (s *Session) banner(ctx context.Context, env config.Env, to server) {
	s.Console.Say("%s -> %s (%s), project %s, %s",
		env.Name, to.api.URL(), to.origin, env.Project, describeCommit(ctx, s))
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
		if info, err := os.Stat(filepath.Join(s.Root, filepath.FromSlash(name))); err == nil && !info.IsDir() && !slices.Contains(out, name) {
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

// worker makes sure that the embedded environment has a worker for each process pool. Elsewhere workers are their owners' business.
func (s *Session) worker(ctx context.Context, to server, env config.Env) error {
	if to.embedded == nil {
		return nil
	}
	for _, kind := range env.Kinds {
		pool := env.Pools[kind]
		if _, err := to.embedded.Worker(ctx, local.WorkerSpec{Pool: pool.Name, Type: pool.Type, APIURL: to.api.URL()}); err != nil {
			return fmt.Errorf("the worker for %s: %w", pool.Name, err)
		}
	}
	return nil
}

// link gives a deployment's page in the UI.
func (to server) link(id string) string {
	return prefect.DeploymentLink(strings.TrimSuffix(to.ui, "/"), id)
}
