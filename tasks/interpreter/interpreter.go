// Package interpreter keeps a Python with Prefect in it below the private folder of the user's repository: the embedded one, installed from a lock
// with uv or pip, or the user's own, which is only looked at.
//
// Start with [New] and [Installation.Ensure]. find.go looks for a Python to start from, uv.go for an installer, installation.go makes the
// environment, packages.go adds what the flows need, environ.go says what all of these programs are told, and schemas.go asks the Prefect in it
// about flows. Whatever was interrupted half-way, the next Ensure heals: each state on disk is written last and compared with what it should be.
// Nothing here knows of servers.
package interpreter

import (
	"cmp"
	"context"
	"path/filepath"
	"runtime"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/tree"
)

// onWindows is for the few places where programs have other names there.
const onWindows = runtime.GOOS == "windows"

// Options says where and for whom the environment is kept.
type Options struct {
	Folder  *folder.Folder
	Environ []string                    // for child processes, as os.Environ gives it
	Console *console.Console            // where progress is told
	Own     string                      // the user's own interpreter, a path or a name on PATH; empty: an environment is installed from the lock
	Vacate  func(context.Context) error // ends everything that runs from the environment, which is about to be made anew
}

// Installation is the Python environment of one repository. Whoever calls what changes it holds the lock of its folder.
type Installation struct {
	folder  *folder.Folder
	files   *tree.Tree // the repository's
	environ []string
	console *console.Console
	own     string
	vacate  func(context.Context) error
	limits  versionLimits
}

// versionLimits are the times that tests shorten.
type versionLimits struct {
	stop time.Duration // what was told to end is killed after this

	start, answer, answers time.Duration // Prefect must begin to tell the parameters of flows, tell those of one, and of all, within this
}

// New gives the environment; nothing is written before the first Ensure.
func New(o Options) *Installation {
	return &Installation{
		folder: o.Folder, files: tree.Open(o.Folder.Root), environ: o.Environ, console: o.Console, own: o.Own, vacate: o.Vacate,
		limits: versionLimits{stop: 10 * time.Second, start: 3 * time.Minute, answer: 30 * time.Second, answers: 5 * time.Minute},
	}
}

// Status describes the Python environment. Problem is empty when it can be used as it is.
type Status struct {
	Path    string `json:"path"`
	Version string `json:"version"`
	Prefect string `json:"prefect"`
	Own     bool   `json:"own"` // the user's own interpreter
	Problem string `json:"problem"`
}

// Status looks, and changes nothing.
func (i *Installation) Status() (Status, error) {
	if i.own != "" {
		s := Status{Path: i.resolve(i.own), Own: true}
		m, ok := folder.ReadJSON[ownMarker](i.folder.Path("own-python.json"))
		switch {
		case s.Path == "":
			s.Path, s.Problem = i.own, "there is no such program"
		case ok && m.Python == s.Path && m.Stamp == stamp(s.Path, m.Dist):
			s.Version, s.Prefect = m.Version, m.Prefect
		default:
			s.Problem = "not checked yet"
		}
		return s, nil
	}
	lock, err := lockText()
	if err != nil {
		return Status{}, err
	}
	m, problem := i.installed(folder.Digest(lock))
	return Status{Path: venvPython(i.folder.Path("python")), Version: m.Python, Prefect: m.Prefect, Problem: problem}, nil
}

// Prefect gives how Prefect's own command is typed in the repository's folder.
func (i *Installation) Prefect() string {
	if i.own != "" {
		return cmp.Or(i.resolve(i.own), i.own) + " -m prefect"
	}
	return filepath.Join(filepath.Dir(venvPython(filepath.Join(folder.Name, "python"))), "prefect")
}
