package interpreter

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/templates"
)

// Env is an environment with Prefect in it.
type Env struct {
	Python  string // the interpreter to run
	Version string // of Python
	Prefect string // version
	Own     bool   // the user's: nothing is installed into it
	ID      string // changes when the environment is made anew
}

// Bin is the folder with the environment's programs.
func (e Env) Bin() string { return filepath.Dir(e.Python) }

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

// Ensure gives the user's own environment, or the embedded one, installed where that is needed.
func (i *Installation) Ensure(ctx context.Context) (Env, error) {
	if i.own != "" {
		return i.ownPython(ctx)
	}
	lock, err := lockText()
	if err != nil {
		return Env{}, err
	}
	marker, state := i.installed(folder.Digest(lock))
	if state == "" {
		return i.embedded(marker), nil
	}
	if err := i.clear(ctx, state); err != nil {
		return Env{}, err
	}
	marker, err = i.installPython(ctx, lock)
	if err != nil {
		return Env{}, err
	}
	return i.embedded(marker), i.folder.Unwritable(folder.WriteJSON(i.markerPath(), marker))
}

func (i *Installation) markerPath() string { return i.folder.Path("python.json") }

func (i *Installation) embedded(m envMarker) Env {
	return Env{Python: venvPython(m.Dir), Version: m.Python, Prefect: m.Prefect, ID: m.ID}
}

func venvPython(dir string) string {
	if onWindows {
		return filepath.Join(dir, "Scripts", "python.exe")
	}
	return filepath.Join(dir, "bin", "python")
}

// installed reads the marker; state is empty when the environment is complete, else it says in a few words why it isn't.
func (i *Installation) installed(lock string) (marker envMarker, state string) {
	dir := i.folder.Path("python")
	marker, ok := folder.ReadJSON[envMarker](i.markerPath())
	packages, _ := folder.ReadJSON[packagesMarker](i.packagesPath())
	switch {
	case !ok && folder.Exists(dir):
		return marker, "the last installation was not completed"
	case !ok:
		return marker, "not installed yet"
	case marker.Dir != dir:
		return marker, "the repository was moved"
	case marker.Lock != lock:
		return marker, "the locked packages have changed"
	case !folder.Exists(marker.Interpreter) || !folder.Exists(venvPython(dir)):
		return marker, "its Python " + marker.Python + " is gone"
	case packages.Busy:
		return marker, "the last installation of packages was not completed"
	}
	return marker, ""
}

// clear removes what is left of an environment, after ending everything that runs from it.
func (i *Installation) clear(ctx context.Context, state string) error {
	if err := i.EndInstaller(ctx); err != nil {
		return err
	}
	if err := errors.Join(folder.Remove(i.markerPath()), folder.Remove(i.packagesPath())); err != nil {
		return i.folder.Unwritable(err)
	}
	dir := i.folder.Path("python")
	if !folder.Exists(dir) {
		return nil
	}
	i.console.Say("the Python environment in %s is made anew: %s", folder.Name, state)
	if err := i.vacate(ctx); err != nil {
		return err
	}
	return i.folder.Unwritable(os.RemoveAll(dir))
}

// installPython makes the environment from the lock.
func (i *Installation) installPython(ctx context.Context, lock []byte) (envMarker, error) {
	pins := parseLock(string(lock))
	if err := folder.WriteIfDifferent(i.folder.Path("python.lock"), lock); err != nil {
		return envMarker{}, i.folder.Unwritable(err)
	}
	uv := i.workingUV(ctx)
	found, err := i.findInterpreter(ctx, uv == "")
	if err != nil {
		return envMarker{}, err
	}
	if uv == "" && !found.Venv {
		if uv, err = i.fetchUV(ctx, found); err != nil {
			return envMarker{}, err
		}
	}
	tool := "pip"
	if uv != "" {
		tool = "uv"
	}
	step := i.console.Begin("installing Prefect %s with %s on Python %s into %s", pins["prefect"], tool, found.Version, folder.Name)
	dir := i.folder.Path("python")
	if err := i.fill(ctx, step, uv, found, dir); err != nil {
		return envMarker{}, step.Failed(i.installFault(err, "the embedded Python environment"))
	}
	step.Done("Prefect %s on Python %s is installed", pins["prefect"], found.Version)
	m := envMarker{
		Lock: folder.Digest(lock), Dir: dir, Interpreter: found.Path, Python: found.Version, Prefect: pins["prefect"], Installer: tool,
	}
	info, err := os.Stat(dir)
	if err != nil {
		return envMarker{}, i.folder.Unwritable(err)
	}
	m.ID = folder.Digest([]byte(m.Lock), []byte(dir), []byte(found.Path), []byte(info.ModTime().String()))[:16]
	return m, nil
}

// fill makes a virtual environment and installs the lock into it.
func (i *Installation) fill(ctx context.Context, step *console.Step, uv string, base pythonProgram, dir string) error {
	lock := i.folder.Path("python.lock")
	if uv != "" {
		if err := i.install(ctx, step, uv, "venv", "--no-project", "--python", base.Path, dir); err != nil {
			return err
		}
		return i.installLocked(ctx, step, uv, "pip", "sync", requireHashes, "--compile-bytecode", "--python", venvPython(dir), lock)
	}
	if err := i.install(ctx, step, base.Path, "-I", "-u", "-m", "venv", dir); err != nil {
		return err
	}
	if err := i.installWithPip(ctx, step, venvPython(dir), lock); err != nil {
		return err
	}
	// pip would compile on one core. Some packages carry files for other Pythons, so the result says nothing.
	step.Detail("compiling")
	packages := "lib" // or a folder above them
	if onWindows {
		packages = "Lib"
	}
	_ = i.install(ctx, step, venvPython(dir), "-I", "-m", "compileall", "-q", "-j", "0", filepath.Join(dir, packages))
	return ctx.Err()
}

// installWithPip installs a lock into the environment of an interpreter.
func (i *Installation) installWithPip(ctx context.Context, step *console.Step, python, lock string) error {
	// --no-deps: the lock is complete, and pip 23.2 takes the extras among its own dependencies for unpinned requirements.
	return i.installLocked(ctx, step, python, "-I", "-u", "-m", "pip", "install", "--no-deps", requireHashes, "--no-compile", "-r", lock)
}

// installFault turns an installer's failure into one for people.
func (i *Installation) installFault(err error, what string) error {
	output := outputOf(err)
	if output == nil {
		return err
	}
	f := &fault.Error{
		Code: fault.Server, What: "can't install " + what, Where: i.folder.Path("logs", "install.log"), Why: telling(output, 6), Err: err,
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
	return slices.ContainsFunc([]string{
		"name resolution", "name or service not known", "nodename nor servname", "getaddrinfo", "dns error", "connection refused",
		"failed to establish a new connection", "newconnectionerror", "network is unreachable", "network connectivity is disabled",
		"no route to host", "timed out", "timeout", "proxyerror", "tunnel", "certificate", "error sending request", "connection reset",
		"connection aborted", "could not fetch url", "max retries exceeded", "remotedisconnected",
	}, func(sign string) bool { return strings.Contains(text, sign) })
}
