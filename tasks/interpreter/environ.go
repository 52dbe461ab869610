package interpreter

import (
	"cmp"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Variables is an environment in the form of os.Environ. Names are compared as the system does it.
type Variables []string

// Get gives the value of name, "" for one that is not set.
func (v Variables) Get(name string) string { return environ.List(v).Get(name) }

// Without gives a copy that lacks every variable whose name is one of names, or begins with one that ends in *.
func (v Variables) Without(names ...string) Variables {
	return Variables(environ.List(v).Without(func(n string) bool {
		return slices.ContainsFunc(names, func(name string) bool {
			prefix, open := strings.CutSuffix(name, "*")
			return open && len(n) >= len(prefix) && environ.Same(n[:len(prefix)], prefix) || !open && environ.Same(n, name)
		})
	}))
}

// With gives a copy in which name has the value.
func (v Variables) With(name, value string) Variables { return append(v.Without(name), name+"="+value) }

// All gives a copy with more variables, which win.
func (v Variables) All(more []string) Variables {
	for name, value := range environ.List(more).All() {
		v = v.With(name, value)
	}
	return v
}

// WithDefault sets name unless it has a value already, or value is empty.
func (v Variables) WithDefault(name, value string) Variables {
	if value == "" || v.Get(name) != "" {
		return v
	}
	return v.With(name, value)
}

// foreignPython are variables by which a shell's own Python set-up would leak into the embedded one.
// PYTHONDONTWRITEBYTECODE goes because every start would compile a thousand modules again.
var foreignPython = []string{ //nolint:gochecknoglobals // a constant list
	"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONPLATLIBDIR",
	"PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV", "CONDA_PREFIX",
}

// installEnviron is the environment for pip and uv: the user's index, proxy and certificates reach both, whichever of the
// two they were set for; what would install something else or elsewhere is taken out.
func (i *Installation) installEnviron() Variables {
	v := Variables(credential.Public(i.environ)).Without(foreignPython...).Without("PREFECT_*",
		"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT", "PIP_REQUIREMENT", "PIP_EDITABLE", "PIP_PRE",
		"PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_HASHES", "PIP_NO_DEPS", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_REPORT", "PIP_LOG", "PIP_QUIET",
		"UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE", "UV_BUILD_CONSTRAINT", "UV_REQUIRE_HASHES",
		"UV_NO_VERIFY_HASHES", "UV_PRERELEASE", "UV_RESOLUTION", "UV_EXCLUDE_NEWER", "UV_TORCH_BACKEND", "UV_NO_DEPS", "UV_NO_PROGRESS",
	)
	defaultIndex := cmp.Or(v.Get("UV_DEFAULT_INDEX"), v.Get("UV_INDEX_URL"))
	pipIndex := v.Get("PIP_INDEX_URL")
	v = v.WithDefault("PIP_INDEX_URL", defaultIndex)
	if defaultIndex == "" {
		v = v.WithDefault("UV_DEFAULT_INDEX", pipIndex)
	}
	return v.WithDefault("UV_EXTRA_INDEX_URL", v.Get("PIP_EXTRA_INDEX_URL")).
		WithDefault("PIP_EXTRA_INDEX_URL", v.Get("UV_EXTRA_INDEX_URL")).
		WithDefault("SSL_CERT_FILE", v.Get("PIP_CERT")).
		With("PIP_USER", "0").With("PIP_NO_INPUT", "1").With("PIP_DISABLE_PIP_VERSION_CHECK", "1").With("PIP_PROGRESS_BAR", "off").
		With("PYTHONUNBUFFERED", "1").With("UV_PYTHON_DOWNLOADS", "never")
}

// hidePasswords keeps the passwords of private indexes and proxies off the screen: installers quote addresses in errors.
func (i *Installation) hidePasswords() {
	for name, value := range environ.List(i.environ).All() {
		upper := strings.ToUpper(name)
		if !strings.HasPrefix(upper, "PIP_") && !strings.HasPrefix(upper, "UV_") && !strings.HasSuffix(upper, "_PROXY") {
			continue
		}
		for word := range strings.FieldsSeq(value) {
			if name, address, named := strings.Cut(word, "="); named && !strings.Contains(name, "://") { // UV_INDEX names its indexes
				word = address
			}
			for _, text := range secret.Passwords(word) {
				i.console.Hide(text)
			}
		}
	}
}

// Environ is the environment for Prefect's own processes: nothing of the user's Prefect settings, all state in our
// folder, env's programs first on PATH.
func (i *Installation) Environ(env Env) Variables {
	v := Variables(credential.Public(i.environ)).Without("PREFECT_*", "PYTHONDONTWRITEBYTECODE", "PYTHONINSPECT", "PYTHONSTARTUP")
	if !env.Own {
		v = v.Without(foreignPython...).With("VIRTUAL_ENV", filepath.Dir(env.Bin()))
	}
	v = v.With("PATH", env.Bin()+string(filepath.ListSeparator)+v.Get("PATH"))
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		// Prefect's client would send requests for loopback to a proxy.
		v = v.With(name, strings.TrimPrefix(v.Get(name)+",127.0.0.1,localhost", ","))
	}
	return v.With("PREFECT_HOME", i.folder.Path("server")).
		With("PREFECT_PROFILES_PATH", i.folder.Path("server", "profiles.toml")). // never written: no profile is active
		With("PREFECT_SERVER_ANALYTICS_ENABLED", "false").With("DO_NOT_TRACK", "1").
		With("PYTHONUNBUFFERED", "1").With("PYTHONIOENCODING", "utf-8")
}

// AuthVariable is where Prefect's programs find the auth string.
const AuthVariable = "PREFECT_API_AUTH_STRING"

// headersAsText is the first release of Prefect that takes custom headers as a text in JSON's quotes.
const headersAsText = "3.5.0"

// headersVariable is where Prefect's programs find custom headers.
const headersVariable = "PREFECT_CLIENT_CUSTOM_HEADERS"

// ClientEnviron is the environment for a program of Prefect's that talks to the server at address, an empty one for none; more are further
// variables, as NAME=VALUE, which win. Whatever decides where it sends what, and which certificates it believes, is always there: Prefect would
// read what is not set from .env, prefect.toml or pyproject.toml in the folder where it runs, which is the repository's. Empty is "none" for
// Prefect, too.
func (i *Installation) ClientEnviron(env Env, address string, more []string) Variables {
	v := i.Environ(env)
	v = v.With("PREFECT_API_URL", address).With("PREFECT_API_KEY", "").With(AuthVariable, "").With(headersVariable, "{}").
		With("PREFECT_API_TLS_INSECURE_SKIP_VERIFY", "false").
		With("PREFECT_API_SSL_CERT_FILE", v.Get("SSL_CERT_FILE")). // Prefect's own default
		All(more)
	if headers := v.Get(headersVariable); strings.HasPrefix(headers, "{") && !Before(env.Prefect, headersAsText) {
		// Prefect adds an object in a file to one in a variable, but a text in the variable counts alone.
		if text, err := json.Marshal(headers); err == nil {
			v = v.With(headersVariable, string(text))
		}
	}
	return v
}

// Before compares releases of Prefect by their three numbers.
func Before(release, than string) bool {
	numbers := func(text string) (n [3]int) {
		_, _ = fmt.Sscanf(text, "%d.%d.%d", &n[0], &n[1], &n[2]) // what is missing counts as zero
		return n
	}
	a, b := numbers(release), numbers(than)
	return cmp.Or(cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]), cmp.Compare(a[2], b[2])) < 0
}
