package local

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/tasks/wait"
	"github.com/flowmage/flowmage/templates"
)

// Server is the embedded Prefect server, running and answering.
type Server struct {
	URL     string `json:"url"`     // of the API: http://127.0.0.1:4200/api
	UI      string `json:"ui"`      // of the UI: http://127.0.0.1:4200
	Started bool   `json:"started"` // by this call
	Auth    string `json:"-"`       // the auth string, user:password
	Process
}

// Process is a process that was started here.
type Process struct {
	Name    string    `json:"name"` // for people: "Prefect server", "worker for pool rpa"
	PID     int       `json:"pid"`
	Started time.Time `json:"since"`
	Log     string    `json:"log"`              // the file with its output
	Worker  string    `json:"worker,omitempty"` // of a worker: its name on the server

	// Of a worker that is kept running: its present process, and when that began. Zero while it is being started again.
	WorkerPID  int       `json:"worker_pid,omitempty"`
	WorkerFrom time.Time `json:"worker_since,omitzero"`
}

// outcome is how the wait for a server ended.
type outcome int

const (
	serverAnswered outcome = iota
	died
	silent
)

// ensureServer gives the running server, or starts it. One that is there but doesn't answer is started anew.
func (l *Local) ensureServer(ctx context.Context, env interpreter.Env, answered string) (Server, error) {
	r, ok := l.live(ctx, serverName)
	if ok && l.current(r, env) {
		if l.answersAtOnce(ctx, r, answered) {
			return l.served(r, false), nil
		}
		answers, err := l.revisit(ctx, &r, env)
		if err != nil || answers {
			return l.served(r, false), err
		}
	}
	if ok {
		if r.Ready && r.Guard == "" {
			l.console.Say("the Prefect server that runs asks for no password: it is started anew, with its data")
		}
		if err := l.stop(ctx, r); err != nil {
			return Server{}, err
		}
	}
	return l.startServer(ctx, env)
}

// current tells whether a server works for this folder with this environment. Of one that was found by its command line the
// environment isn't known; replacing an environment stops everything, so it is this one.
func (l *Local) current(r record, env interpreter.Env) bool {
	return r.Home == l.folder.Dir && r.Port != 0 && (r.Env == env.ID || r.Env == "") && l.guarded(r)
}

// guarded tells whether a server has the guard of this build. Of one that has not answered yet its proof will tell.
func (l *Local) guarded(r record) bool { return !r.Ready || r.Guard == l.guard() }

// revisit waits for a server that runs but doesn't answer, and notes one that does.
func (l *Local) revisit(ctx context.Context, r *record, env interpreter.Env) (bool, error) {
	how, err := l.waitFor(ctx, *r)
	if err != nil || how != serverAnswered {
		return false, err
	}
	r.Env, r.Ready, r.Guard = env.ID, true, l.guard()
	return true, l.save(*r)
}

// waitFor gives a server that runs but doesn't answer its time: it may be starting still, or only be busy.
func (l *Local) waitFor(ctx context.Context, r record) (outcome, error) {
	step := l.console.Begin("waiting for the Prefect server (process %d) to answer", r.PID)
	limit := time.Now().Add(l.limits.hung)
	if !r.Ready {
		limit = time.UnixMilli(r.Born).Add(l.limits.start)
	}
	how, err := l.await(ctx, r, limit)
	switch {
	case err != nil:
		return how, step.Failed(err)
	case how == serverAnswered:
		step.Done("the Prefect server answers at %s", r.url())
	case how == died:
		step.Done("that Prefect server has ended")
	default:
		step.Done("that Prefect server does not answer")
	}
	return how, nil
}

// await asks until the server answers and is proven to be ours, or ends, or the limit has passed.
func (l *Local) await(ctx context.Context, r record, limit time.Time) (outcome, error) {
	for {
		if l.healthy(ctx, r, time.Second) && l.provenOurs(ctx, r) {
			return serverAnswered, nil
		}
		switch {
		case ctx.Err() != nil:
			return silent, ctx.Err()
		case !r.alive(ctx):
			return died, nil
		case time.Now().After(limit):
			return silent, nil
		}
		if !wait.For(ctx, 100*time.Millisecond) {
			return silent, ctx.Err()
		}
	}
}

// startServer starts the server on a free port and waits until it answers. Whoever takes the port meanwhile makes us try
// another one.
func (l *Local) startServer(ctx context.Context, env interpreter.Env) (Server, error) {
	if err := l.prepareDatabase(ctx, env); err != nil {
		return Server{}, err
	}
	last := l.lastPort()
	for attempt := 1; ; attempt++ {
		port, taken, err := l.choosePort(ctx)
		if err != nil {
			return Server{}, l.serverFault("no free port on "+loopback, err)
		}
		if taken != 0 && taken == last { // what is ours may have told the password there
			last = 0
			if err := l.renewAuth(ctx, taken); err != nil {
				return Server{}, err
			}
		}
		if taken != 0 {
			l.console.Warn("port %d is taken by another program: the Prefect server uses %d", taken, port)
		}
		step := l.console.Begin("starting the Prefect server on %s", addressOf(port))
		r, err := l.launchServer(ctx, env, port)
		if err != nil {
			return Server{}, step.Failed(err)
		}
		how, err := l.await(ctx, r, time.Now().Add(l.limits.start))
		if err != nil {
			return Server{}, step.Failed(err)
		}
		if how == serverAnswered {
			return l.confirm(step, r)
		}
		step.Fail()
		if attempt < 3 && how == died && lostPort(ctx, r) {
			continue
		}
		if err := l.stop(ctx, r); err != nil {
			return Server{}, err
		}
		return Server{}, l.serverFault(l.whyNot(how, r), nil)
	}
}

// lostPort tells whether a server that has ended found its port taken. Who took it may have left it again by now: another command that looks
// for a free port listens for a moment on each it tries.
func lostPort(ctx context.Context, r record) bool {
	told := strings.ToLower(lastLines(r.Log, 200))
	return strings.Contains(told, "address already in use") || strings.Contains(told, "only one usage of each socket address") || !free(ctx, r.Port)
}

func (l *Local) confirm(step *console.Step, r record) (Server, error) {
	r.Ready = true
	if err := l.save(r); err != nil {
		return Server{}, step.Failed(l.folder.Unwritable(err))
	}
	step.Done("the Prefect server is up: %s", l.served(r, true).UI)
	return l.served(r, true), l.rememberPort(r.Port)
}

func (l *Local) launchServer(ctx context.Context, env interpreter.Env, port int) (record, error) {
	text := strconv.Itoa(port)
	// An empty PYTHONTZPATH, with tzdata installed: otherwise each read of a schedule walks the system's time zones.
	origins := "http://" + addressOf(port) + ",http://" + net.JoinHostPort("localhost", text)
	environ := l.python.Environ(env).
		With("PREFECT_SERVER_API_AUTH_STRING", l.Auth()).
		With("PREFECT_SERVER_CORS_ALLOWED_ORIGINS", origins).With("PREFECT_SERVER_CSRF_PROTECTION_ENABLED", "true").
		With("PYTHONTZPATH", "").
		With("PREFECT_SERVER_API_HOST", loopback).With("PREFECT_SERVER_API_PORT", text) // the UI is told its API's address from these
	return l.launch(ctx, serverName, l.path("server"), env, environ,
		[]string{"server", "start", "--host", loopback, "--port", text}, record{Port: port, Guard: l.guard()})
}

func (l *Local) served(r record, started bool) Server {
	return Server{URL: r.url(), UI: "http://" + addressOf(r.Port), Started: started, Auth: l.Auth(), Process: r.process()}
}

func (l *Local) whyNot(how outcome, r record) string {
	tail := lastLines(r.Log, 8)
	if how == died {
		return "it ended while starting:\n" + tail
	}
	return fmt.Sprintf("it did not answer within %s:\n%s", l.limits.start, tail)
}

func (l *Local) serverFault(why string, err error) error {
	return &fault.Error{
		Code: fault.Server, What: "the embedded Prefect server does not start", Where: l.logPath(serverName), Why: why, Err: err,
		Next: "read the log named above. If the database is damaged, remove " + l.path("server") + " (its runs are lost) and try again",
	}
}

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
