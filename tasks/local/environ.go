package local

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/credential"
	"github.com/flowmage/flowmage/tasks/secret"
)

// variables is an environment in the form of os.Environ. Names are compared as the system does it.
type variables []string

func sameName(a, b string) bool {
	if onWindows {
		return strings.EqualFold(a, b)
	}
	return a == b
}

// get gives the last value of name, as the systems do.
func (v variables) get(name string) string {
	for _, pair := range slices.Backward(v) {
		if n, value, ok := strings.Cut(pair, "="); ok && sameName(n, name) {
			return value
		}
	}
	return ""
}

// without gives a copy that lacks every variable whose name is one of names, or begins with one that ends in *.
func (v variables) without(names ...string) variables {
	return slices.DeleteFunc(slices.Clone(v), func(pair string) bool {
		n, _, _ := strings.Cut(pair, "=")
		return slices.ContainsFunc(names, func(name string) bool {
			prefix, open := strings.CutSuffix(name, "*")
			return open && len(n) >= len(prefix) && sameName(n[:len(prefix)], prefix) || !open && sameName(n, name)
		})
	})
}

// with gives a copy in which name has the value.
func (v variables) with(name, value string) variables { return append(v.without(name), name+"="+value) }

// all gives a copy with more variables, which win.
func (v variables) all(more []string) variables {
	for _, pair := range more {
		name, value, _ := strings.Cut(pair, "=")
		v = v.with(name, value)
	}
	return v
}

// withDefault sets name unless it has a value already, or value is empty.
func (v variables) withDefault(name, value string) variables {
	if value == "" || v.get(name) != "" {
		return v
	}
	return v.with(name, value)
}

// foreignPython are variables by which a shell's own Python set-up would leak into the embedded one.
// PYTHONDONTWRITEBYTECODE goes because every start would compile a thousand modules again.
var foreignPython = []string{ //nolint:gochecknoglobals // a constant list
	"PYTHONPATH", "PYTHONHOME", "PYTHONSTARTUP", "PYTHONDONTWRITEBYTECODE", "PYTHONSAFEPATH", "PYTHONNOUSERSITE", "PYTHONPLATLIBDIR",
	"PYTHONWARNINGS", "PYTHONOPTIMIZE", "PYTHONINSPECT", "PYTHONEXECUTABLE", "__PYVENV_LAUNCHER__", "VIRTUAL_ENV", "CONDA_PREFIX",
}

// installEnviron is the environment for pip and uv: the user's index, proxy and certificates reach both, whichever of the
// two they were set for; what would install something else or elsewhere is taken out.
func (l *Local) installEnviron() variables {
	v := variables(credential.Public(l.environ)).without(foreignPython...).without("PREFECT_*",
		"PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT", "PIP_REQUIREMENT", "PIP_EDITABLE", "PIP_PRE",
		"PIP_REQUIRE_VIRTUALENV", "PIP_REQUIRE_HASHES", "PIP_NO_DEPS", "PIP_PYTHON", "PIP_DRY_RUN", "PIP_REPORT", "PIP_LOG", "PIP_QUIET",
		"UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_CONSTRAINT", "UV_OVERRIDE", "UV_EXCLUDE", "UV_BUILD_CONSTRAINT", "UV_REQUIRE_HASHES",
		"UV_NO_VERIFY_HASHES", "UV_PRERELEASE", "UV_RESOLUTION", "UV_EXCLUDE_NEWER", "UV_TORCH_BACKEND", "UV_NO_DEPS", "UV_NO_PROGRESS",
	)
	defaultIndex := v.get("UV_DEFAULT_INDEX")
	if defaultIndex == "" {
		defaultIndex = v.get("UV_INDEX_URL")
	}
	pipIndex := v.get("PIP_INDEX_URL")
	v = v.withDefault("PIP_INDEX_URL", defaultIndex)
	if defaultIndex == "" {
		v = v.withDefault("UV_DEFAULT_INDEX", pipIndex)
	}
	return v.withDefault("UV_EXTRA_INDEX_URL", v.get("PIP_EXTRA_INDEX_URL")).
		withDefault("PIP_EXTRA_INDEX_URL", v.get("UV_EXTRA_INDEX_URL")).
		withDefault("SSL_CERT_FILE", v.get("PIP_CERT")).
		with("PIP_USER", "0").with("PIP_NO_INPUT", "1").with("PIP_DISABLE_PIP_VERSION_CHECK", "1").with("PIP_PROGRESS_BAR", "off").
		with("PYTHONUNBUFFERED", "1").with("UV_PYTHON_DOWNLOADS", "never")
}

// hidePasswords keeps the passwords of private indexes and proxies off the screen: installers quote addresses in errors.
func (l *Local) hidePasswords() {
	for _, pair := range l.environ {
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
				l.console.Hide(text)
			}
		}
	}
}

// runEnviron is the environment for Prefect's own processes: nothing of the user's Prefect settings, all state in our
// folder, env's programs first on PATH.
func (l *Local) runEnviron(env pythonEnv) variables {
	v := variables(credential.Public(l.environ)).without("PREFECT_*", "PYTHONDONTWRITEBYTECODE", "PYTHONINSPECT", "PYTHONSTARTUP")
	if !env.Own {
		v = v.without(foreignPython...).with("VIRTUAL_ENV", filepath.Dir(env.bin()))
	}
	v = v.with("PATH", env.bin()+string(filepath.ListSeparator)+v.get("PATH"))
	for _, name := range []string{"NO_PROXY", "no_proxy"} {
		// Prefect's client would send requests for loopback to a proxy.
		v = v.with(name, strings.TrimPrefix(v.get(name)+",127.0.0.1,localhost", ","))
	}
	return v.with("PREFECT_HOME", l.path("server")).
		with("PREFECT_PROFILES_PATH", l.path("server", "profiles.toml")). // never written: no profile is active
		with("PREFECT_SERVER_ANALYTICS_ENABLED", "false").with("DO_NOT_TRACK", "1").
		with("PYTHONUNBUFFERED", "1").with("PYTHONIOENCODING", "utf-8")
}
