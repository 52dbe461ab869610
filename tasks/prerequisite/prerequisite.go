// Package prerequisite gives tests what they need of their surroundings. What is missing skips the test at home, where `go test` alone
// must work, and fails it with CI=true, where nothing may be missing. `make test` provides everything. Only tests and benchmarks import it.
package prerequisite

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Server gives the API's address of a running Prefect server that tests share: use names of your own there.
func Server(tb testing.TB) string {
	tb.Helper()
	return variable(tb, "FLOWMAGE_TEST_API")
}

// Python gives an interpreter that has Prefect. Nothing may be installed into its environment.
func Python(tb testing.TB) string {
	tb.Helper()
	return variable(tb, "FLOWMAGE_TEST_PYTHON")
}

// Sources gives a folder with sources of Prefect's own repository: a checkout, or as much of it as an index has.
func Sources(tb testing.TB) string {
	tb.Helper()
	return variable(tb, "FLOWMAGE_TEST_PREFECT")
}

// Image gives the name of an image with Python and pip that the Docker daemon here has, and that comes from no registry.
func Image(tb testing.TB) string {
	tb.Helper()
	return variable(tb, "FLOWMAGE_TEST_IMAGE")
}

// ServerImage is [Image] with the Prefect of [ServerPython], for another release than the one that we install.
func ServerImage(tb testing.TB) string {
	tb.Helper()
	return variable(tb, "FLOWMAGE_TEST_SERVER_IMAGE")
}

// Registry gives the address of a registry of images that takes everything from everybody.
func Registry(tb testing.TB) string {
	tb.Helper()
	return variable(tb, "FLOWMAGE_TEST_REGISTRY")
}

// Whole lets a test go on that compiles or installs for a minute, or asks a package index: `make test` runs those, `make check` does without.
func Whole(tb testing.TB) {
	tb.Helper()
	variable(tb, "FLOWMAGE_TEST_WHOLE")
}

func variable(tb testing.TB, name string) string {
	tb.Helper()
	value := os.Getenv(name)
	if value == "" {
		missing(tb, name+" is not set; make test sets it")
	}
	return value
}

// Program gives the path of the first of some programs that is there: names on the PATH, or patterns of paths.
func Program(tb testing.TB, names ...string) string {
	tb.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
		if found, err := filepath.Glob(name); err == nil && len(found) > 0 {
			return found[0]
		}
	}
	missing(tb, strings.Join(names, " or ")+" is missing; .ci/run installs it")
	return ""
}

// Root makes sure that this is the super-user, who alone may start a Docker daemon of the test's own.
func Root(tb testing.TB) {
	tb.Helper()
	if os.Geteuid() != 0 {
		missing(tb, "only root can do this")
	}
}

func missing(tb testing.TB, what string) {
	tb.Helper()
	if Everything() {
		tb.Fatal(what)
	}
	tb.Skip(what)
}

// Everything tells whether nothing may be missing.
func Everything() bool { return os.Getenv("CI") == "true" }

// Full tells whether tests run at their full size (`make soak`) rather than at the reduced one of `make test`.
func Full() bool { return os.Getenv("FLOWMAGE_SOAK") != "" }

// Size gives how much a test does.
func Size(reduced, full int) int {
	if Full() {
		return full
	}
	return reduced
}
