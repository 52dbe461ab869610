// Package local keeps the embedded default environment: a Python with the locked Prefect, a Prefect server on SQLite and
// process workers, all in the private folder .flowmage of the user's repository.
//
// Start with [Local]. [Local.Up] is the way in: interpreter (interpreter.go), installation (python.go), the flows' own
// packages (packages.go), the server (server.go). [Local.Worker] starts workers, [Local.Down] stops what was started,
// [Local.Status] and [Local.Answering] only look. Whatever was interrupted half-way, the next Up heals: each state on disk is
// written last and compared with what it should be, and each process is known by a record of its number and its time of birth
// (identity.go).
package local

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/templates"
)

// Folder is the name of the private folder in the repository's root. It ignores itself for git.
const Folder = ".flowmage"

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
	root    string
	files   *tree.Tree // the same
	home    string     // root/.flowmage
	environ []string
	console *console.Console
	python  string
	tracked func(context.Context) bool
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

	answer, answers time.Duration // Prefect must tell the parameters of one flow, and of all, within this
}

// New gives the environment below o.Root. Nothing is written before the first Up, Worker or Down.
func New(o Options) *Local {
	l := &Local{
		root: filepath.Clean(o.Root), files: tree.Open(o.Root), home: filepath.Join(o.Root, Folder), environ: o.Environ, console: o.Console, python: o.Python,
		tracked: o.Tracked, client: o.Client, port: defaultPort,
		limits: limits{start: 3 * time.Minute, hung: 90 * time.Second, stop: 10 * time.Second, worker: time.Minute, answer: 30 * time.Second, answers: 5 * time.Minute},
	}
	if l.environ == nil {
		l.environ = os.Environ()
	}
	if l.client == nil {
		l.client = &http.Client{Transport: &http.Transport{IdleConnTimeout: 4 * time.Second}}
	}
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
	unlock, err := l.lock(ctx)
	if err != nil {
		return Server{}, err
	}
	defer unlock()
	env, err := l.ensurePython(ctx)
	if err != nil {
		return Server{}, err
	}
	if err := l.ensurePackages(ctx, env, w.Requirements); err != nil {
		return Server{}, err
	}
	return l.ensureServer(ctx, env, w.Answered)
}

// EnsurePackages installs what the requirements files ask for, into the installed environment; see [Local.Up].
func (l *Local) EnsurePackages(ctx context.Context, files []string) error {
	_, err := l.ready(ctx, files)
	return err
}

// ready gives the environment with what the requirements files ask for.
func (l *Local) ready(ctx context.Context, files []string) (pythonEnv, error) {
	unlock, err := l.lock(ctx)
	if err != nil {
		return pythonEnv{}, err
	}
	defer unlock()
	env, err := l.ensurePython(ctx)
	if err != nil {
		return pythonEnv{}, err
	}
	return env, l.ensurePackages(ctx, env, files)
}

func (l *Local) path(elem ...string) string {
	return filepath.Join(append([]string{l.home}, elem...)...)
}

// prepare makes the folder and its parts.
func (l *Local) prepare() error {
	if err := l.private(); err != nil {
		return err
	}
	for _, dir := range []string{"run", "logs", "bin", "server"} {
		if err := os.MkdirAll(l.path(dir), 0o700); err != nil {
			return l.unwritable(err)
		}
	}
	files := map[string][]byte{".gitignore": []byte("*\n")}
	for name, source := range scripts {
		text, err := templates.FS.ReadFile(source)
		if err != nil {
			return err
		}
		files[filepath.Join("bin", name)] = text
	}
	for name, text := range files {
		if err := writeIfDifferent(l.path(name), text); err != nil {
			return l.unwritable(err)
		}
	}
	return l.ensureAuth()
}

func (l *Local) unwritable(err error) error {
	return &fault.Error{
		Code: fault.Unexpected, What: "can't write the embedded environment", Where: l.home, Err: err,
		Next: fmt.Sprintf("make %s writable for you (a run as root may have left it behind), or remove it: it is made anew", l.home),
	}
}
