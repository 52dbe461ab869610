package interpreter

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"strings"

	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
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
func (i *Installation) ownPython(ctx context.Context) (Env, error) {
	path := i.resolve(i.own)
	if path == "" {
		return Env{}, i.ownFault("there is no such program", "")
	}
	m, ok := folder.ReadJSON[ownMarker](i.folder.Path("own-python.json"))
	if !ok || m.Program != i.own || m.Python != path || m.Stamp != stamp(path, m.Dist) {
		var err error
		if m, err = i.askOwn(ctx, path); err != nil {
			return Env{}, err
		}
		if err := folder.WriteJSON(i.folder.Path("own-python.json"), m); err != nil {
			return Env{}, i.folder.Unwritable(err)
		}
	}
	id := folder.Digest([]byte(path), []byte(m.Stamp))[:16]
	return Env{Python: path, Version: m.Version, Prefect: m.Prefect, Own: true, ID: id}, nil
}

// resolve makes the configured interpreter absolute: a path from the root on, or a name on PATH.
func (i *Installation) resolve(program string) string {
	if !strings.ContainsAny(program, `/\`) {
		return i.lookPath(program)
	}
	if !filepath.IsAbs(program) {
		program = filepath.Join(i.folder.Root, program)
	}
	if !executable(program) {
		return ""
	}
	return filepath.Clean(program)
}

func (i *Installation) askOwn(ctx context.Context, path string) (ownMarker, error) {
	part := i.probed(ctx, i.Environ(Env{Python: path, Own: true}), 4, path, "-c", ownProbe)
	switch {
	case ctx.Err() != nil:
		return ownMarker{}, ctx.Err()
	case part == nil:
		return ownMarker{}, i.ownFault("it does not run as a Python 3", path)
	case len(part) != 4 || part[2] == "":
		return ownMarker{}, i.ownFault("Prefect is not installed in it", path)
	}
	return ownMarker{Program: i.own, Python: path, Stamp: stamp(path, part[3]), Version: part[1], Prefect: part[2], Dist: part[3]}, nil
}

func (i *Installation) ownFault(why, path string) error {
	where := cmp.Or(path, i.own)
	return &fault.Error{
		Code: fault.Usage, What: "can't use the Python that `python:` names", Where: where, Why: why,
		Next: "name an interpreter that has Prefect (" + where + " -m pip install 'prefect>=3.2'),\n" +
			"or remove the line `python:`: then a locked Prefect is installed into " + folder.Name,
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
