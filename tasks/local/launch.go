package local

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/identity"
	"github.com/flowmage/flowmage/tasks/interpreter"
)

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
	r.Home, r.Env, r.Log, r.Port, r.Spec = l.folder.Dir, env.ID, path, fields.Port, fields.Spec
	r.Guard = fields.Guard
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
