// Package local keeps the embedded default environment: a Prefect server on SQLite and process workers, on the Python of package interpreter, all
// in the private folder .flowmage of the user's repository.
//
// Start with [Local]. [Local.Up] is the way in: the installation with the flows' own packages, then the server (server.go). [Local.Worker] starts
// workers, [Local.Down] stops what was started, [Local.Status] and [Local.Answering] only look. Whatever was interrupted half-way, the next Up
// heals: each process is known by a record of its number and its time of birth (record.go).
package local

import (
	"context"
	"net/http"
	"os"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/interpreter"
	"github.com/flowmage/flowmage/templates"
)

// Folder is the name of the private folder in the repository's root. It ignores itself for git.
const Folder = folder.Name

// Options says where and for whom the environment is kept.
type Options struct {
	Root    string                     // the repository's root, absolute
	Environ []string                   // the environment for child processes, as os.Environ gives it; nil: this process's own
	Console *console.Console           // where progress is told
	Python  string                     // the user's own interpreter, a path or a name on PATH; empty: an environment is installed from the lock
	Tracked func(context.Context) bool // whether git keeps files of the folder; nil: nobody knows
	Client  *http.Client               // for requests to the server on loopback; nil: one of our own, without a proxy
}

// Local is the embedded environment of one repository. Its methods may be called at the same time, from several processes
// too: a lock file puts those that change something in a row.
type Local struct {
	folder  *folder.Folder
	python  *interpreter.Installation
	environ []string
	console *console.Console
	client  *http.Client
	limits  limits
	port    int // that a first start tries
}

// limits are the times that tests shorten.
type limits struct {
	start  time.Duration // a server must answer within this after its birth
	hung   time.Duration // a server that once answered must answer again within this; after a large deploy it may think for a while
	stop   time.Duration // what was told to end is killed after this
	worker time.Duration // a worker must have reported to the server within this
}

// New gives the environment below o.Root. Nothing is written before the first Up, Worker or Down.
func New(o Options) *Local {
	l := &Local{
		folder: folder.In(o.Root, o.Console, o.Tracked), environ: o.Environ, console: o.Console, client: o.Client, port: defaultPort,
		limits: limits{start: 3 * time.Minute, hung: 90 * time.Second, stop: 10 * time.Second, worker: time.Minute},
	}
	if l.environ == nil {
		l.environ = os.Environ()
	}
	if l.client == nil {
		l.client = &http.Client{Transport: &http.Transport{IdleConnTimeout: 4 * time.Second}}
	}
	l.python = interpreter.New(interpreter.Options{Folder: l.folder, Environ: l.environ, Console: o.Console, Own: o.Python, Vacate: func(ctx context.Context) error {
		_, err := l.stopAll(ctx)
		return err
	}})
	return l
}

// Wanted is what an [Local.Up] must lead to.
type Wanted struct {
	Requirements []string // files in requirements.txt form or pyproject.toml, relative to the root
	Answered     string   // the address of an API that has answered just now: it is not asked again whether it is well
}

// Up makes sure that the Python environment is installed, that it holds the packages which the requirements files ask for,
// and that the server runs and answers. With all of that in place it changes nothing and takes milliseconds. Only one Up works at a time; a second one waits and says so.
// Failures are *fault.Error; a cancelled context leaves a state that the next Up continues from.
func (l *Local) Up(ctx context.Context, w Wanted) (Server, error) {
	env, unlock, err := l.enter(ctx, w.Requirements...)
	if err != nil {
		return Server{}, err
	}
	defer unlock()
	return l.ensureServer(ctx, env, w.Answered)
}

// EnsurePackages installs what the requirements files ask for, into the installed environment; see [Local.Up].
func (l *Local) EnsurePackages(ctx context.Context, files []string) error {
	_, err := l.ready(ctx, files)
	return err
}

// ready gives the environment with what the requirements files ask for.
func (l *Local) ready(ctx context.Context, files []string) (interpreter.Env, error) {
	env, unlock, err := l.enter(ctx, files...)
	if err == nil {
		unlock()
	}
	return env, err
}

// Python gives the installation that all of it runs on.
func (l *Local) Python() *interpreter.Installation { return l.python }

// Schemas asks Prefect for the parameter schemas of flows, in the environment made ready for them; see [interpreter.Installation.Schemas].
func (l *Local) Schemas(ctx context.Context, q interpreter.Question) (interpreter.Answers, error) {
	env, err := l.ready(ctx, q.Requirements)
	if err != nil {
		return interpreter.Answers{}, err
	}
	return l.python.Schemas(ctx, env, q)
}

func (l *Local) path(elem ...string) string { return l.folder.Path(elem...) }

// lock takes the folder for one command, with our programs and the auth string in it.
func (l *Local) lock(ctx context.Context) (unlock func(), err error) {
	if err := l.folder.Untracked(ctx); err != nil {
		return nil, err
	}
	if err := l.prepare(); err != nil {
		return nil, err
	}
	return l.folder.Lock(ctx)
}

// enter is lock with the Python environment installed, and in it what the requirements files ask for.
func (l *Local) enter(ctx context.Context, files ...string) (env interpreter.Env, unlock func(), err error) {
	if unlock, err = l.lock(ctx); err != nil {
		return env, nil, err
	}
	if env, err = l.python.Ensure(ctx); err == nil {
		err = l.python.Packages(ctx, env, files)
	}
	if err != nil {
		unlock()
	}
	return env, unlock, err
}

// prepare makes the folder, with our programs and the auth string in it.
func (l *Local) prepare() error {
	if err := l.folder.Make(); err != nil {
		return err
	}
	for name, source := range scripts {
		text, err := templates.FS.ReadFile(source)
		if err != nil {
			return err
		}
		if err := folder.WriteIfDifferent(l.path("bin", name), text); err != nil {
			return l.folder.Unwritable(err)
		}
	}
	return l.ensureAuth()
}
