package local

import (
	"slices"
	"strconv"
	"strings"
)

// launcher is the script that runs Prefect's command line. Its absolute path in the command line of a process tells whose
// process that is, even when we were killed before we could take a note. It lies in a folder of its own because Python
// looks for modules beside a script first; with -m it would look in the working folder, where a user's queue.py would break
// a worker.
const launcher = "flowmage_prefect.py"

// What stands in front of the server, in its process.
const (
	guardScript = "flowmage_guard.py"
	entryScript = "flowmage_entry.py"
	entryAdded  = "flowmage_entry.js"
	entryPage   = "flowmage_open.html"
)

// scripts are what lies in .flowmage/bin, by name, and where the binary carries it: the launcher, what it needs beside it, and
// programs of their own.
var scripts = map[string]string{ //nolint:gochecknoglobals // a constant table
	launcher:           "python/launcher.py",
	"flowmage_keep.py": "python/keep.py",
	guardScript:        "python/guard.py",
	entryScript:        "python/entry.py",
	entryAdded:         "python/entry.js",
	entryPage:          "python/open.html",
	serveScript:        serveSource,
}

// labelPrefix begins the value of Python's -X option that carries a process's name; Python ignores unknown ones.
const labelPrefix = "flowmage="

// prefectArgs are the arguments for Python that run Prefect with args, labelled with name. An empty name is never found again.
func (l *Local) prefectArgs(name string, args ...string) []string {
	return append([]string{"-X", labelPrefix + name, l.path("bin", launcher)}, args...)
}

// boundArgs are the arguments for Python that run Prefect with args, until whoever holds the other end of its standard input is gone.
func (l *Local) boundArgs(args ...string) []string {
	return append([]string{"-X", "flowmage-bound", l.path("bin", launcher)}, args...)
}

// label gives the name that a command line carries, "" where it is not one of ours.
func (l *Local) label(command []string) string {
	script := slices.Index(command, l.path("bin", launcher))
	if script < 2 || command[script-2] != "-X" {
		return ""
	}
	name, ok := strings.CutPrefix(command[script-1], labelPrefix)
	if !ok {
		return ""
	}
	return name
}

// portOf reads the port from a server's command line.
func portOf(command []string) int {
	at := slices.Index(command, "--port")
	if at < 0 || at+1 >= len(command) {
		return 0
	}
	port, err := strconv.Atoi(command[at+1])
	if err != nil {
		return 0
	}
	return port
}
