package draft

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/check"
	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/session"
)

// neighbours gives the other environments on the same server, and where that is named. Their files are read only where the names of deployments
// don't hold the environment; what variables and flags set is this command's environment's alone.
func neighbours(ctx context.Context, s *session.Session, r Read) (at string, others []check.Neighbour) {
	if r.Options.Unnamed || r.Env.NamesItself() {
		return "", nil
	}
	all, err := config.Environments(s.Tree())
	if err != nil {
		return "", nil // told already
	}
	here, at := reachedBy(ctx, s, r.Env)
	for _, e := range all {
		if e.Name == r.Env.Name || e.File == "" {
			continue
		}
		if other, flows, ok := neighbour(ctx, s, e.Name, here, r); ok {
			others = append(others, check.Neighbour{Env: other, Flows: flows, Server: serverAt(other)})
		}
	}
	return at, others
}

// neighbour reads another environment, if its server is the one that is given.
func neighbour(ctx context.Context, s *session.Session, name, here string, r Read) (config.Env, []flow.Flow, bool) {
	other, _, err := config.Load(s.Filed(ctx, name))
	if there := ownServer(ctx, s, other); err != nil || there == "" || there != here {
		return other, nil, false
	}
	flows, settings := r.Flows, r.settings
	if !slices.Equal(other.Paths, r.Env.Paths) || !slices.Equal(other.Exclude, r.Env.Exclude) {
		result, err := session.Discover(ctx, s, r.Env, flow.Options{Paths: other.Paths, Exclude: other.Exclude, Skim: true})
		if err != nil {
			return other, nil, false
		}
		flows, settings = result.Flows, result.Settings
	}
	other, _ = other.Beside(s.Tree(), settings)
	return other, flows, true
}

// reachedBy names the server that a command for the environment reaches, and where it is named.
func reachedBy(ctx context.Context, s *session.Session, env config.Env) (address, at string) {
	found, err := s.Locate(env)
	if err != nil || found.Embedded != nil {
		return ownServer(ctx, s, env), serverAt(env)
	}
	return sameAddress(found.Options.URL), found.Origin
}

// serverAt tells where an environment's server is named.
func serverAt(env config.Env) string {
	if env.Server.URL == "" {
		return "embedded in " + local.Folder + "/"
	}
	return env.Place("server.url")
}

// ownServer names the server that an environment's settings lead to, whoever asks; it is the embedded one for dev without an address, and
// empty where none is known.
func ownServer(ctx context.Context, s *session.Session, env config.Env) string {
	switch {
	case env.Server.URL != "":
		return sameAddress(env.Server.URL)
	case env.Name != "dev":
		return ""
	}
	if running, ok := s.Embedded(env).Recorded(ctx); ok {
		return sameAddress(running.URL)
	}
	return "embedded"
}

// sameAddress gives an address in the one form that all spellings of it have.
func sameAddress(address string) string {
	u, err := url.Parse(strings.TrimRight(address, "/"))
	if err != nil {
		return address
	}
	name, port := credential.Machine(u.Hostname()), u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[u.Scheme]
	}
	return strings.ToLower(u.Scheme) + "://" + name + ":" + port + u.Path
}
