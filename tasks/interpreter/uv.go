package interpreter

import (
	"context"
	"os"
	"path/filepath"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/templates"
)

// workingUV gives a uv that runs: the one on PATH, else the one fetched earlier; "" without. A name on PATH alone proves
// nothing, it may be the shim of a version manager.
func (i *Installation) workingUV(ctx context.Context) string {
	for _, path := range []string{i.lookPath("uv"), i.fetchedUV()} {
		if path == "" {
			continue
		}
		if _, err := i.query(ctx, i.installEnviron(), path, "--version"); err == nil {
			return path
		}
	}
	return ""
}

// fetchedUV gives the uv that fetchUV left, or "". pip puts programs below a --target into bin, or Scripts on Windows.
func (i *Installation) fetchedUV() string {
	for _, elem := range []string{filepath.Join("bin", "uv"), filepath.Join("bin", "uv.exe"), filepath.Join("Scripts", "uv.exe")} {
		if path := i.folder.Path("uv", elem); folder.Exists(path) {
			return path
		}
	}
	return ""
}

// fetchUV installs the pinned uv beside the environment, for Pythons without the venv module (Debian packs it apart).
func (i *Installation) fetchUV(ctx context.Context, found pythonProgram) (string, error) {
	if !found.Pip {
		return "", i.noVenv(found, nil)
	}
	lock, err := templates.FS.ReadFile("python/uv.lock.txt")
	if err != nil {
		return "", err
	}
	if err := folder.WriteIfDifferent(i.folder.Path("uv.lock"), lock); err != nil {
		return "", i.folder.Unwritable(err)
	}
	if err := os.RemoveAll(i.folder.Path("uv")); err != nil {
		return "", i.folder.Unwritable(err)
	}
	step := i.console.Begin("fetching uv, because %s can't make virtual environments", found.Path)
	err = i.install(ctx, step, found.Path, "-I", "-u", "-m", "pip", "install",
		"--no-deps", requireHashes, "--only-binary", ":all:",
		"--target", i.folder.Path("uv"), "-r", i.folder.Path("uv.lock"))
	if ctx.Err() != nil {
		return "", step.Failed(ctx.Err())
	}
	if path := i.fetchedUV(); err == nil && path != "" {
		step.Done("uv is here")
		return path, nil
	}
	step.Fail()
	if output := outputOf(err); output != nil && unreachable(output) {
		return "", i.installFault(err, "uv")
	}
	return "", i.noVenv(found, err)
}

// noVenv says what to type when an interpreter can neither make environments nor get uv.
func (i *Installation) noVenv(found pythonProgram, err error) error {
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
