package local

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
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
	if name, ok := strings.CutPrefix(command[script-1], labelPrefix); ok {
		return name
	}
	return ""
}

// portOf reads the port from a server's command line.
func portOf(command []string) int {
	at := slices.Index(command, "--port")
	if at < 0 || at+1 >= len(command) {
		return 0
	}
	port, _ := strconv.Atoi(command[at+1]) // we have written it
	return port
}

func (l *Local) logPath(name string) string { return l.path("logs", name+".log") }

// launch starts Prefect with args as a process that outlives us, and takes a note of it. fields are the parts of the record
// that only the caller knows. The log of the start before stays as <name>.log.1.
func (l *Local) launch(
	ctx context.Context, name, dir string, env interpreter.Env, environ interpreter.Variables, args []string, fields record,
) (record, error) {
	path := l.logPath(name)
	if err := os.Rename(path, path+".1"); err != nil && !os.IsNotExist(err) {
		return record{}, l.folder.Unwritable(err)
	}
	log, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return record{}, l.folder.Unwritable(err)
	}
	defer log.Close() //nolint:errcheck // the process has its own handle
	// Not CommandContext: a cancelled command must leave the process alone.
	cmd := exec.Command(env.Python, l.prefectArgs(name, args...)...) //nolint:noctx // see above
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, environ, log, log
	identity.Detach(cmd)
	if err := cmd.Start(); err != nil {
		return record{}, fmt.Errorf("starting the %s: %w", title(name), err)
	}
	r := newRecord(ctx, name, cmd)
	r.Home, r.Env, r.Log, r.Port, r.Spec, r.Guard = l.folder.Dir, env.ID, path, fields.Port, fields.Spec, fields.Guard
	go func() { _ = cmd.Wait() }() // collects it, should it end before us
	if err := l.save(r); err != nil {
		_ = identity.Kill(r.PID)
		return record{}, l.folder.Unwritable(err)
	}
	return r, nil
}

// endOfLog is how much of a log's end is looked at for its last lines.
const endOfLog = 64 << 10

// lastLines gives the end of a log, without colours and empty lines.
func lastLines(path string, count int) string {
	file, err := folder.Open(path)
	if err != nil {
		return ""
	}
	defer file.Close() //nolint:errcheck // it was only read
	if info, err := file.Stat(); err == nil {
		_, _ = file.Seek(max(0, info.Size()-endOfLog), io.SeekStart) // from the beginning it is longer, and no less true
	}
	data, err := io.ReadAll(io.LimitReader(file, endOfLog))
	if err != nil {
		return ""
	}
	var kept []string
	for line := range strings.Lines(string(data)) {
		if line = strings.TrimSpace(console.Plain(line)); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept[max(0, len(kept)-count):], "\n")
}
