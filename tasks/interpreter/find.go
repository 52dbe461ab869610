package interpreter

import (
	"cmp"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/fault"
)

// The Python versions that the locked Prefect allows (its Requires-Python): 3.10 up to, not including, 3.15.
const (
	oldestMinor = 10
	newestMinor = 14
)

// pythonProgram is a Python that was found and asked.
type pythonProgram struct {
	Path    string // the real program, not a link or a shim: links move to other versions
	Version string // 3.12.1
	Venv    bool   // can make virtual environments with pip in them
	Pip     bool
}

// probe asks an interpreter about itself. It is understood by Python 2 as well, for the sake of the message. On Windows
// the path is taken as it is: the store's Python must not be called by its real one.
const probe = `
import sys
def has(name):
    try:
        from importlib.util import find_spec
        return find_spec(name) is not None
    except Exception:
        return False
import os
path = getattr(sys, "_base_executable", "") or sys.executable
if os.name != "nt":
    path = os.path.realpath(path)
print("flowmage|%d.%d.%d|%d|%d|%s" % (sys.version_info[:3] + (has("venv") and has("ensurepip"), has("pip"), path)))
`

// findInterpreter looks on PATH for a Python that can carry Prefect. With needVenv those that can make virtual environments come
// first. None at all, and none of a fitting version, are told with what was found.
func (i *Installation) findInterpreter(ctx context.Context, needVenv bool) (pythonProgram, error) {
	var fallback, unfit pythonProgram
	for _, candidate := range i.candidates() {
		found, ok := i.ask(ctx, candidate)
		switch {
		case ctx.Err() != nil:
			return pythonProgram{}, ctx.Err()
		case !ok:
		case !found.fits():
			if minor(found.Version) > minor(unfit.Version) {
				unfit = found
			}
		case found.Venv || !needVenv:
			return found, nil
		case fallback.Path == "" || found.Pip && !fallback.Pip:
			fallback = found
		}
	}
	if fallback.Path != "" {
		return fallback, nil
	}
	return pythonProgram{}, noInterpreter(unfit)
}

// candidates are the commands to try, the preferred ones first; every place on PATH counts, because the first may be a shim
// of a version manager for a version that isn't chosen.
func (i *Installation) candidates() [][]string {
	names := []string{"python3.13", "python3.12", "python3.11", "python3.10", "python3.14", "python3", "python"}
	if onWindows {
		names = []string{"python.exe", "python3.exe", "py.exe"}
	}
	var out [][]string
	for _, name := range names {
		for _, path := range i.onPath(name) {
			command := []string{path}
			if name == "py.exe" {
				command = append(command, "-3")
			}
			if !slices.ContainsFunc(out, func(c []string) bool { return c[0] == path }) {
				out = append(out, command)
			}
		}
	}
	return out
}

func executable(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular() && (onWindows || info.Mode()&0o111 != 0)
}

// lookPath finds a program on the PATH of the environment we were given; "" where there is none.
func (i *Installation) lookPath(name string) string {
	if onWindows && filepath.Ext(name) == "" {
		name += ".exe"
	}
	return cmp.Or(i.onPath(name)...)
}

// onPath gives the programs of a name on that PATH, in its order.
func (i *Installation) onPath(name string) []string {
	var out []string
	for _, dir := range filepath.SplitList(Variables(i.environ).Get("PATH")) {
		if path := filepath.Join(dir, name); filepath.IsAbs(dir) && executable(path) {
			out = append(out, path)
		}
	}
	return out
}

// ask runs the probe; ok is false for what isn't a working Python.
func (i *Installation) ask(ctx context.Context, command []string) (found pythonProgram, ok bool) {
	part := i.probed(ctx, i.installEnviron(), 5, command[0], append(command[1:], "-c", probe)...)
	if len(part) != 5 {
		return pythonProgram{}, false
	}
	return pythonProgram{Version: part[1], Venv: part[2] == "1", Pip: part[3] == "1", Path: part[4]}, true
}

// probed gives the parts of a probe's answer, at most so many; none when it has not run to its end. Whatever else an interpreter says stands before it.
func (i *Installation) probed(ctx context.Context, environ Variables, parts int, name string, args ...string) []string {
	text, err := i.query(ctx, environ, name, args...)
	at := strings.LastIndex(text, "flowmage|")
	if err != nil || at < 0 {
		return nil
	}
	return strings.SplitN(strings.TrimSpace(text[at:]), "|", parts)
}

// query runs a short command from our own folder, where no user's module can be picked up, and gives its standard output.
func (i *Installation) query(ctx context.Context, environ Variables, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = i.folder.Path("run"), environ, time.Second
	out, err := cmd.Output()
	return string(out), err
}

func (p pythonProgram) fits() bool {
	return strings.HasPrefix(p.Version, "3.") && minor(p.Version) >= oldestMinor && minor(p.Version) <= newestMinor
}

// minor gives a number that orders versions by major and minor: 12 for 3.12.1, below zero for Python 2, -100 for none.
func minor(version string) int {
	part := strings.Split(version, ".")
	if len(part) < 2 {
		return -100
	}
	major, _ := strconv.Atoi(part[0])
	second, _ := strconv.Atoi(part[1])
	return (major-3)*50 + second
}

func noInterpreter(unfit pythonProgram) error {
	next := "install Python 3.12 (" + installLine("python3", "python3-venv") + "), or name one of yours: `python: PATH` in envs/dev.yaml"
	if unfit.Path == "" {
		return &fault.Error{
			Code: fault.Server, What: "no Python 3 on the PATH", Next: next,
			Why: "the embedded Prefect server and worker are Python programs (3.10 to 3.14)",
		}
	}
	word := "too old"
	if minor(unfit.Version) > newestMinor {
		word = "too new"
	}
	return &fault.Error{
		Code: fault.Server, What: "Python " + unfit.Version + " is " + word, Where: unfit.Path, Next: next,
		Why: "Prefect needs Python 3.10 to 3.14, and PATH has no other",
	}
}

// installLine is what to type to get system packages, as far as it can be known.
func installLine(debian ...string) string {
	switch runtime.GOOS {
	case "darwin":
		return "brew install python@3.12"
	case "windows":
		return "winget install Python.Python.3.12"
	default:
		return "sudo apt-get install " + strings.Join(debian, " ")
	}
}
