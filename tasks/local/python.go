package local

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/templates"
)

// pythonEnv is an environment with Prefect in it.
type pythonEnv struct {
	Python  string // the interpreter to run
	Version string // of Python
	Prefect string // version
	Own     bool   // the user's: nothing is installed into it
	ID      string // changes when the environment is made anew
}

// bin is the folder with the environment's programs.
func (e pythonEnv) bin() string { return filepath.Dir(e.Python) }

// envMarker is written when an installation is complete. Where it is missing, or tells of another lock or place, the
// environment is made anew: virtual environments hold absolute paths, so a moved repository needs that too.
type envMarker struct {
	Lock        string // digest of the lock
	Dir         string // of the environment, absolute
	Interpreter string // that the environment was made from
	Python      string // its version
	Prefect     string
	Installer   string // uv or pip
	ID          string
}

// lockText is the embedded lock file.
func lockText() ([]byte, error) { return templates.FS.ReadFile("python/requirements.lock") }

// ensurePython gives the user's own environment, or the embedded one, installed where that is needed.
func (l *Local) ensurePython(ctx context.Context) (pythonEnv, error) {
	if l.python != "" {
		return l.ownPython(ctx)
	}
	lock, err := lockText()
	if err != nil {
		return pythonEnv{}, err
	}
	marker, state := l.installed(digest(lock))
	if state == "" {
		return l.embedded(marker), nil
	}
	if err := l.clear(ctx, state); err != nil {
		return pythonEnv{}, err
	}
	marker, err = l.installPython(ctx, lock)
	if err != nil {
		return pythonEnv{}, err
	}
	if err := writeJSON(l.markerPath(), marker); err != nil {
		return pythonEnv{}, l.unwritable(err)
	}
	return l.embedded(marker), nil
}

func (l *Local) markerPath() string { return l.path("python.json") }

func (l *Local) embedded(m envMarker) pythonEnv {
	return pythonEnv{Python: venvPython(m.Dir), Version: m.Python, Prefect: m.Prefect, ID: m.ID}
}

func venvPython(dir string) string {
	if onWindows {
		return filepath.Join(dir, "Scripts", "python.exe")
	}
	return filepath.Join(dir, "bin", "python")
}

// installed reads the marker; state is empty when the environment is complete, else it says in a few words why it isn't.
func (l *Local) installed(lock string) (marker envMarker, state string) {
	dir := l.path("python")
	marker, ok := readJSON[envMarker](l.markerPath())
	packages, _ := readJSON[packagesMarker](l.packagesPath())
	switch {
	case !ok && exists(dir):
		return marker, "the last installation was not completed"
	case !ok:
		return marker, "not installed yet"
	case marker.Dir != dir:
		return marker, "the repository was moved"
	case marker.Lock != lock:
		return marker, "the locked packages have changed"
	case !exists(marker.Interpreter) || !exists(venvPython(dir)):
		return marker, "its Python " + marker.Python + " is gone"
	case packages.Busy:
		return marker, "the last installation of packages was not completed"
	}
	return marker, ""
}

// clear removes what is left of an environment, after ending everything that runs from it.
func (l *Local) clear(ctx context.Context, state string) error {
	if err := l.endInstaller(ctx); err != nil {
		return err
	}
	for _, file := range []string{l.markerPath(), l.packagesPath()} {
		if err := os.Remove(file); err != nil && !os.IsNotExist(err) {
			return l.unwritable(err)
		}
	}
	dir := l.path("python")
	if !exists(dir) {
		return nil
	}
	l.console.Say("the Python environment in %s is made anew: %s", Folder, state)
	if _, err := l.stopAll(ctx); err != nil {
		return err
	}
	if err := os.RemoveAll(dir); err != nil {
		return l.unwritable(err)
	}
	return nil
}

// installPython makes the environment from the lock.
func (l *Local) installPython(ctx context.Context, lock []byte) (envMarker, error) {
	pins := parseLock(string(lock))
	if err := writeIfDifferent(l.path("python.lock"), lock); err != nil {
		return envMarker{}, l.unwritable(err)
	}
	uv := l.workingUV(ctx)
	found, err := l.findInterpreter(ctx, uv == "")
	if err != nil {
		return envMarker{}, err
	}
	if uv == "" && !found.Venv {
		if uv, err = l.fetchUV(ctx, found); err != nil {
			return envMarker{}, err
		}
	}
	tool := "pip"
	if uv != "" {
		tool = "uv"
	}
	step := l.console.Begin("installing Prefect %s with %s on Python %s into %s", pins["prefect"], tool, found.Version, Folder)
	dir := l.path("python")
	if err := l.fill(ctx, step, uv, found, dir); err != nil {
		return envMarker{}, failed(step, l.installFault(err, "the embedded Python environment"))
	}
	step.Done("Prefect %s on Python %s is installed", pins["prefect"], found.Version)
	m := envMarker{
		Lock: digest(lock), Dir: dir, Interpreter: found.Path, Python: found.Version, Prefect: pins["prefect"], Installer: tool,
	}
	info, err := os.Stat(dir)
	if err != nil {
		return envMarker{}, l.unwritable(err)
	}
	m.ID = digest([]byte(m.Lock), []byte(dir), []byte(found.Path), []byte(info.ModTime().String()))[:16]
	return m, nil
}

// fill makes a virtual environment and installs the lock into it.
func (l *Local) fill(ctx context.Context, step *console.Step, uv string, base interpreter, dir string) error {
	lock := l.path("python.lock")
	if uv != "" {
		if err := l.install(ctx, step, uv, "venv", "--no-project", "--python", base.Path, dir); err != nil {
			return err
		}
		return l.installLocked(ctx, step, uv, "pip", "sync", requireHashes, "--compile-bytecode", "--python", venvPython(dir), lock)
	}
	if err := l.install(ctx, step, base.Path, "-I", "-u", "-m", "venv", dir); err != nil {
		return err
	}
	if err := l.installWithPip(ctx, step, venvPython(dir), lock); err != nil {
		return err
	}
	// pip would compile on one core. Some packages carry files for other Pythons, so the result says nothing.
	step.Detail("compiling")
	_ = l.install(ctx, step, venvPython(dir), "-I", "-m", "compileall", "-q", "-j", "0", filepath.Join(dir, sitePackages()))
	return ctx.Err()
}

// installWithPip installs a lock into the environment of an interpreter.
func (l *Local) installWithPip(ctx context.Context, step *console.Step, python, lock string) error {
	// --no-deps: the lock is complete, and pip 23.2 takes the extras among its own dependencies for unpinned requirements.
	return l.installLocked(ctx, step, python, "-I", "-u", "-m", "pip", "install", "--no-deps", requireHashes, "--no-compile", "-r", lock)
}

// sitePackages is where a virtual environment has its packages, or a folder above.
func sitePackages() string {
	if onWindows {
		return "Lib"
	}
	return "lib"
}

// installFault turns an installer's failure into one for people.
func (l *Local) installFault(err error, what string) error {
	output := outputOf(err)
	if output == nil {
		return err
	}
	f := &fault.Error{
		Code: fault.Server, What: "can't install " + what, Where: l.path("logs", "install.log"), Why: telling(output, 6), Err: err,
		Next: "read the log named above, mend the cause and run the same command again: it starts over where needed",
	}
	if unreachable(output) {
		f.What = fmt.Sprintf("can't install %s: the package index is not reachable", what)
		f.Next = "check the network and run the same command again. Behind a proxy set HTTPS_PROXY; for an index of your own set\n" +
			"PIP_INDEX_URL (or UV_INDEX_URL); for a company certificate set SSL_CERT_FILE"
	}
	return f
}

// unreachable tells whether an installer failed for want of the network, by the words of pip, uv and their libraries.
func unreachable(output []string) bool {
	text := strings.ToLower(strings.Join(output, "\n"))
	for _, sign := range []string{
		"name resolution", "name or service not known", "nodename nor servname", "getaddrinfo", "dns error", "connection refused",
		"failed to establish a new connection", "newconnectionerror", "network is unreachable", "network connectivity is disabled",
		"no route to host", "timed out", "timeout", "proxyerror", "tunnel", "certificate", "error sending request", "connection reset",
		"connection aborted", "could not fetch url", "max retries exceeded", "remotedisconnected",
	} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}
