package local

import (
	"context"
	"os"
	"path/filepath"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/templates"
)

// workingUV gives a uv that runs: the one on PATH, else the one fetched earlier; "" without. A name on PATH alone proves
// nothing, it may be the shim of a version manager.
func (l *Local) workingUV(ctx context.Context) string {
	for _, path := range []string{l.lookPath("uv"), l.fetchedUV()} {
		if path == "" {
			continue
		}
		if _, err := l.query(ctx, l.installEnviron(), path, "--version"); err == nil {
			return path
		}
	}
	return ""
}

// fetchedUV gives the uv that fetchUV left, or "". pip puts programs below a --target into bin, or Scripts on Windows.
func (l *Local) fetchedUV() string {
	for _, elem := range []string{filepath.Join("bin", "uv"), filepath.Join("bin", "uv.exe"), filepath.Join("Scripts", "uv.exe")} {
		if path := l.path("uv", elem); exists(path) {
			return path
		}
	}
	return ""
}

// fetchUV installs the pinned uv beside the environment, for Pythons without the venv module (Debian packs it apart).
func (l *Local) fetchUV(ctx context.Context, found interpreter) (string, error) {
	if !found.Pip {
		return "", l.noVenv(found, nil)
	}
	lock, err := templates.FS.ReadFile("python/uv.lock.txt")
	if err != nil {
		return "", err
	}
	if err := writeIfDifferent(l.path("uv.lock"), lock); err != nil {
		return "", l.unwritable(err)
	}
	if err := os.RemoveAll(l.path("uv")); err != nil {
		return "", l.unwritable(err)
	}
	step := l.console.Begin("fetching uv, because %s can't make virtual environments", found.Path)
	err = l.install(ctx, step, found.Path, "-I", "-u", "-m", "pip", "install",
		"--no-deps", requireHashes, "--only-binary", ":all:",
		"--target", l.path("uv"), "-r", l.path("uv.lock"))
	if ctx.Err() != nil {
		return "", failed(step, ctx.Err())
	}
	if path := l.fetchedUV(); err == nil && path != "" {
		step.Done("uv is here")
		return path, nil
	}
	step.Fail()
	if output := outputOf(err); output != nil && unreachable(output) {
		return "", l.installFault(err, "uv")
	}
	return "", l.noVenv(found, err)
}

// noVenv says what to type when an interpreter can neither make environments nor get uv.
func (l *Local) noVenv(found interpreter, err error) error {
	f := &fault.Error{
		Code: fault.Server, What: "no venv module in Python " + found.Version + ", and no uv on the PATH", Where: found.Path, Err: err,
		Why:  "one of the two is needed to install Prefect",
		Next: installLine("python3-venv") + "   (or install uv: https://docs.astral.sh/uv/)",
	}
	if output := outputOf(err); output != nil {
		f.Why = "fetching uv with pip failed:\n" + telling(output, 4)
	}
	return f
}
