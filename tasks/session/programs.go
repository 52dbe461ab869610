package session

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/tree"
)

// EnsurePython gives the Python in which programs for the environment run, with all that its flows need. That of the embedded server has it.
func EnsurePython(ctx context.Context, s *Session, to Server, env config.Env, flows []flow.Flow) (*local.Local, error) {
	if to.Embedded != nil {
		return to.Embedded, nil
	}
	l := s.Embedded(env)
	return l, l.EnsurePackages(ctx, Requirements(s, flows))
}

// Requirements lists the requirements files that the flows need: the repository's own and those beside the flows.
func Requirements(s *Session, flows []flow.Flow) []string {
	var out []string
	add := func(name string) {
		if info, err := fs.Stat(s.Tree(), name); (err == nil && !info.IsDir() || errors.Is(err, tree.ErrOutside)) && !slices.Contains(out, name) {
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

// ProgramEnviron gives the variables by which Prefect's own programs reach a server as a client with these options does: with what it asks of
// them, and without a proxy to a server on this machine, because a proxy would read what is sent by plain http. For the usual names of this
// machine package local sees to the latter.
func ProgramEnviron(s *Session, o prefect.Options) []string {
	var out []string
	add := func(name, value string) {
		if value != "" {
			out = append(out, name+"="+value)
		}
	}
	add("PREFECT_API_KEY", o.APIKey)
	add("PREFECT_API_AUTH_STRING", o.AuthString)
	add("PREFECT_API_SSL_CERT_FILE", o.CAFile)
	if o.Insecure {
		add("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "true")
	}
	if len(o.Headers) > 0 {
		if text, err := json.Marshal(o.Headers); err == nil {
			add("PREFECT_CLIENT_CUSTOM_HEADERS", string(text))
		}
	}
	if to, ok := credential.OriginOf(o.URL); ok && to.Loopback() && to.Host != "127.0.0.1" && to.Host != "localhost" {
		out = append(out, exempt(s.Environ, "NO_PROXY", to.Host), exempt(s.Environ, "no_proxy", to.Host))
	}
	return out
}

// exempt gives a variable that exempts hosts from proxies, for one more host and this machine.
func exempt(variables environ.List, variable, host string) string {
	return variable + "=" + strings.TrimPrefix(variables.Get(variable)+",127.0.0.1,localhost,"+host, ",")
}
