package local

import (
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
)

// ownMarker remembers what the user's own interpreter answered, so that asking again costs nothing.
type ownMarker struct {
	Program string // as configured
	Python  string // absolute
	Stamp   string // of the program and of Prefect's metadata folder
	Version string
	Prefect string
	Dist    string // Prefect's metadata folder: it is another one for another version
}

const ownProbe = `
import sys, os
from importlib.metadata import distribution, PackageNotFoundError
try:
    found = distribution("prefect")
    print("flowmage|%d.%d.%d|%s|%s" % (sys.version_info[:3] + (found.version, os.fspath(found._path))))
except PackageNotFoundError:
    print("flowmage|%d.%d.%d||" % sys.version_info[:3])
`

// ownPython checks the interpreter that the user named: it must run and know Prefect. Nothing is installed into it.
func (l *Local) ownPython(ctx context.Context) (pythonEnv, error) {
	path := l.resolve(l.python)
	if path == "" {
		return pythonEnv{}, l.ownFault("there is no such program", "")
	}
	m, ok := readJSON[ownMarker](l.path("own-python.json"))
	if !ok || m.Program != l.python || m.Python != path || m.Stamp != stamp(path, m.Dist) {
		var err error
		if m, err = l.askOwn(ctx, path); err != nil {
			return pythonEnv{}, err
		}
		if err := writeJSON(l.path("own-python.json"), m); err != nil {
			return pythonEnv{}, l.unwritable(err)
		}
	}
	id := digest([]byte(path), []byte(m.Stamp))[:16]
	return pythonEnv{Python: path, Version: m.Version, Prefect: m.Prefect, Own: true, ID: id}, nil
}

// resolve makes the configured interpreter absolute: a path from the root on, or a name on PATH.
func (l *Local) resolve(program string) string {
	if !strings.ContainsAny(program, `/\`) {
		return l.lookPath(program)
	}
	if !filepath.IsAbs(program) {
		program = filepath.Join(l.root, program)
	}
	if !executable(program) {
		return ""
	}
	return filepath.Clean(program)
}

func (l *Local) askOwn(ctx context.Context, path string) (ownMarker, error) {
	env := pythonEnv{Python: path, Own: true}
	text, err := l.query(ctx, l.runEnviron(env), path, "-c", ownProbe)
	if ctx.Err() != nil {
		return ownMarker{}, ctx.Err()
	}
	at := strings.LastIndex(text, "flowmage|")
	if err != nil || at < 0 {
		return ownMarker{}, l.ownFault("it does not run as a Python 3", path)
	}
	part := strings.SplitN(strings.TrimSpace(text[at:]), "|", 4)
	if len(part) != 4 || part[2] == "" {
		return ownMarker{}, l.ownFault("Prefect is not installed in it", path)
	}
	return ownMarker{Program: l.python, Python: path, Stamp: stamp(path, part[3]), Version: part[1], Prefect: part[2], Dist: part[3]}, nil
}

func (l *Local) ownFault(why, path string) error {
	where := path
	if where == "" {
		where = l.python
	}
	return &fault.Error{
		Code: fault.Usage, What: "can't use the Python that `python:` names", Where: where, Why: why,
		Next: "name an interpreter that has Prefect (" + where + " -m pip install 'prefect>=3.2'),\n" +
			"or remove the line `python:`: then a locked Prefect is installed into " + Folder,
	}
}

// stamp tells one state of files from another by their sizes and times.
func stamp(paths ...string) string {
	var b strings.Builder
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil {
			b.WriteString(info.ModTime().UTC().String())
		}
		b.WriteString(";")
	}
	return b.String()
}
