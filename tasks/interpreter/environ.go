package interpreter

import (
	"cmp"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Variables is an environment in the form of os.Environ. Names are compared as the system does it.
type Variables []string

func sameName(a, b string) bool {
	if onWindows {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// Get gives the last value of name, as the systems do.
func (v Variables) Get(name string) string {
	for _, pair := range slices.Backward(v) {
		if n, value, ok := strings.Cut(pair, "="); ok && sameName(n, name) {
			return value
		}
	}
	return ""
}

// Without gives a copy that lacks every variable whose name is one of names, or begins with one that ends in *.
func (v Variables) Without(names ...string) Variables {
	return slices.DeleteFunc(slices.Clone(v), func(pair string) bool {
		n, _, _ := strings.Cut(pair, "=")
		return slices.ContainsFunc(names, func(name string) bool {
			prefix, open := strings.CutSuffix(name, "*")
			return open && len(n) >= len(prefix) && sameName(n[:len(prefix)], prefix) || !open && sameName(n, name)
		})
	})
}

// With gives a copy in which name has the value.
func (v Variables) With(name, value string) Variables { return append(v.Without(name), name+"="+value) }

// All gives a copy with more variables, which win.
func (v Variables) All(more []string) Variables {
	for _, pair := range more {
		name, value, _ := strings.Cut(pair, "=")
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
	for _, pair := range i.environ {
		name, value, _ := strings.Cut(pair, "=")
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
