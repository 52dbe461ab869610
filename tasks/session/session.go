// Package session is what every command begins with: the settings of an environment, the Prefect server that they lead to, and what git says
// of the code. What is costly to find out is asked for once, however many want it.
//
// Start with [Session], then read environment.go: [LoadEnv], [ScanEnv], [OpenEnv] and [StartEnv] are how commands begin, each of them with more
// than the one before. Then
//
//   - location.go finds the server, credentials.go and certificates.go decide what may be sent there, server.go connects;
//   - untrusted.go says what holds in the pull request of a stranger;
//   - law.go says what becomes of findings, policies.go which rules a team has added;
//   - secrets.go fills in {{ $NAME }}, from variables and from the files of secretfile.go, and redact.go keeps secrets out of what is printed;
//   - discovery.go finds the flows, and keeps for the next command what it need not read again;
//   - workers.go and programs.go lead to what works for the environment on this machine.
//
// Settings and files of the repository may be a stranger's; the process's environment is what whoever runs the command has said.
package session

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/environ"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/memory"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/tree"
	"github.com/flowmage/flowmage/tasks/trust"
)

// Session is what all parts of one command share: the repository, the process's environment, and the streams. Nobody writes the exported
// fields once they are set.
type Session struct {
	Root    string // absolute path of the repository
	Environ environ.List
	Console *console.Console
	Git     git.Repository
	Rules   func() finding.Catalogue // all that there are; nil: none is known

	stance   trust.Stance // towards the repository
	files    lazy[*tree.Tree]
	facts    lazy[git.Facts]
	base     lazy[*config.Base] // see mergeBase
	baseRef  string             // of the base, once it is known
	decreed  lazy[decreed]      // see Policies
	earlier  lazy[recollection] // see Discover
	found    *memory.Memory     // what this process itself has read, where it looks more than once: see Anew
	docker   lazy[connection]
	banner   string            // the one that was shown last
	patience *prefect.Patience // with servers that ask for a pause
	finishes atomic.Bool       // a signal lets the command put right what it has begun

	baseMissing finding.List // why the base is not known, until that has been told
}

// New gives the session of this process, whose working directory is the repository; rules gives all that findings may come from. The session is there also beside an error, which says that
// nobody can tell whether the repository is trusted; it is nil only where there is no working directory.
func New(rules func() finding.Catalogue) (*Session, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, &fault.Error{Code: fault.Unexpected, What: "the working directory can't be read", Err: err, Next: "change into the repository"}
	}
	environ := os.Environ()
	s := &Session{Root: root, Environ: environ, Console: console.Standard(environ), Git: git.Open(root, "prefect.*.yaml", local.Folder+"/"), Rules: rules}
	s.WaitFor(0)
	hideEnviron(s)
	return s, takeStance(s)
}

// Anew gives a session for another look at a repository that may have changed. What files without flows hold it need not read again.
func (s *Session) Anew() *Session {
	found := s.found
	if found == nil {
		found = memory.New(nil, "")
	}
	return &Session{
		Root: s.Root, Environ: s.Environ, Console: s.Console, Git: s.Git, Rules: s.Rules, stance: s.stance, patience: s.patience, found: found,
	}
}

// Tree gives the repository's files, which are read by no other way.
func (s *Session) Tree() *tree.Tree {
	return s.files.get(func() *tree.Tree { return tree.Open(s.Root) })
}

// Commit gives what git says of the code. It costs a process: asked early, in a goroutine of its own, the answer is there when it is needed.
func (s *Session) Commit(ctx context.Context) git.Facts {
	return s.facts.get(func() git.Facts { return branched(s, s.Git.Facts(ctx)) })
}

// branched gives facts with the branch that a CI system's runner tells of a commit which it has checked out without one. The work tree's own word counts more,
// and of a stranger's code nothing is believed: it may come from a branch of any name.
func branched(s *Session, f git.Facts) git.Facts {
	if f.Commit == "" || f.Branch != "" || s.stance.Untrusted {
		return f
	}
	told := trust.Checked(s.Environ, f.Commit)
	f.Branch, f.Pull, f.By = told.Branch, told.Pull, told.System
	return f
}

// File gives the path of a file that the user names: from the repository's root, unless it is absolute.
func (s *Session) File(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.Root, name)
}

// Relative names a file as seen from the repository's root, with forward slashes; one outside keeps its path.
func (s *Session) Relative(path string) string {
	if rel, err := filepath.Rel(s.Root, path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return path
}

// Prefix gives where the project lies below the top of its git repository, with a slash at its end; "" at the top.
func (s *Session) Prefix() string {
	rel, err := filepath.Rel(trust.Top(s.Root), s.Root)
	if err != nil || rel == "." || !filepath.IsLocal(rel) {
		return ""
	}
	return filepath.ToSlash(rel) + "/"
}

// DefaultWait is how long a command waits for another one that writes: long enough for the lock of a dead one to run out. So long it also
// waits, in all, where a server asks it to.
const DefaultWait = prefect.DefaultPatience

// WaitFor sets how long this command may wait for others: -wait, or the default when that is zero. It comes before the first request.
func (s *Session) WaitFor(wait time.Duration) { s.patience = prefect.NewPatience(wait) }

// Await tells what is waited for, if it takes a while, until what comes back is called.
func (s *Session) Await(what string) func() { return s.Console.Await(func() string { return what }) }

// FinishOnSignal notes that from now on the command holds or starts something that it has to put right when a signal ends it. Its caller sees
// to it that this takes no longer than it may.
func (s *Session) FinishOnSignal() { s.finishes.Store(true) }

// FinishesOnSignal tells whether the command has to be waited for when a signal ends it: it has asked for the lock, or works on the embedded
// environment.
func (s *Session) FinishesOnSignal() bool { return s.finishes.Load() }

// lazy is a value that is made by whoever needs it first.
type lazy[T any] struct {
	once  sync.Once
	value T
}

func (l *lazy[T]) get(ask func() T) T {
	l.once.Do(func() { l.value = ask() })
	return l.value
}
