package local

import (
	"context"
	"os"
	"os/exec"
	"strings"

	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/templates"
)

// loadSQL makes a database from SQL on standard input. Nothing needs to be safe on disk before the rename.
const loadSQL = `
import sqlite3, sys
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA synchronous = OFF")
connection.executescript(sys.stdin.buffer.read().decode("utf-8"))
connection.close()
`

// prepareDatabase lays the empty database of that very Prefect where the server will look for it, unless there is one:
// running all migrations takes a first start twenty seconds longer. Where it can't, the server migrates by itself.
func (l *Local) prepareDatabase(ctx context.Context, env interpreter.Env) error {
	target := l.path("server", "prefect.db")
	sql, err := templates.FS.ReadFile("python/prefect-" + env.Prefect + ".sql")
	if err != nil || folder.Exists(target) {
		return nil //nolint:nilerr // no dump for a version of the user's own
	}
	// What a removed database left behind does not belong to the new one.
	for _, rest := range []string{"-wal", "-shm", ".new", ".new-journal"} {
		_ = os.Remove(target + rest)
	}
	cmd := exec.CommandContext(ctx, env.Python, "-I", "-c", loadSQL, target+".new")
	cmd.Dir, cmd.Env, cmd.Stdin = l.path("run"), l.python.Environ(env), strings.NewReader(string(sql))
	if err := cmd.Run(); err != nil {
		_ = os.Remove(target + ".new")
		return ctx.Err()
	}
	return l.folder.Unwritable(os.Rename(target+".new", target))
}
