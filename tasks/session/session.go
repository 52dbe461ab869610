package session

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/image"
	"github.com/flowmage/flowmage/tasks/local"
	"github.com/flowmage/flowmage/tasks/prefect"
	"github.com/flowmage/flowmage/tasks/tree"
)

// Relative names a file as seen from the repository's root.
func (s *Session) Relative(path string) string {
	if rel, err := filepath.Rel(s.Root, path); err == nil && !strings.HasPrefix(rel, "..") {
		return filepath.ToSlash(rel)
	}
	return path
}

// File finds a file that the user names: from the repository's root, unless the path is absolute.
func (s *Session) File(name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(s.Root, name)
}

// Session is what all commands share: where the repository is, the process environment, and the streams.
type Session struct {
	Root    string // absolute path of the repository
	Environ Environ
	Console *console.Console
	Git     git.Repository

	Untrusted bool   // nothing of the repository may be started; see package trust
	Reason    string // who says so, as the end of a sentence

	Flags  map[string]string // settings that a command's flags make
	said   string            // the banner, so that a command which connects twice shows it once
	opened sync.Once         // the repository
	files  *tree.Tree

	asked sync.Once
	facts git.Facts

	based      sync.Once
	mergedInto *config.Base
	unbased    finding.List // why the base is not known; told once

	withheld sync.Map // names of variables that were asked for, and whose values must not go where they would have gone

	patience *prefect.Patience // with servers; nil before anybody was asked
	engaged  atomic.Bool

	connected sync.Once // to Docker
	daemon    *image.Docker
	noDaemon  error
}

// Commit gives what git says of the code. Asked early in a goroutine of its own, the answer is there when it is needed; it costs a
// process, so it is asked for once.
func (s *Session) Commit(ctx context.Context) git.Facts {
	s.asked.Do(func() { s.facts = s.Git.Facts(ctx) })
	return s.facts
}

// New gives the session of this process: the repository is the working directory.
func New() (*Session, error) {
	root, err := os.Getwd()
	if err != nil {
		return nil, &fault.Error{Code: fault.Unexpected, What: "the working directory can't be read", Err: err, Next: "change into the repository"}
	}
	environ := os.Environ()
	s := &Session{Root: root, Environ: environ, Console: console.Standard(environ), Git: git.Open(root, "prefect.*.yaml", local.Folder+"/")}
	s.WaitFor(0)
	concealEnviron(s)
	return s, surrounded(s)
}

// Tree is the repository, whose files are read through it alone.
func (s *Session) Tree() *tree.Tree {
	s.opened.Do(func() { s.files = tree.Open(s.Root) })
	return s.files
}

// Settings loads an environment's settings.
func (s *Session) Settings(ctx context.Context, name string) (config.Env, finding.List, error) {
	env, findings, err := config.Load(s.Source(ctx, name))
	findings, s.unbased = append(findings, s.unbased...), nil
	concealSettings(s, env)
	return env, s.Shared(ctx, findings), err
}

func (s *Session) Source(ctx context.Context, name string) config.Source {
	return config.Source{
		Root: s.Tree(), Env: name, Environ: s.Environ, Flags: s.Flags, Remote: func() string { return s.Git.Remote(ctx) }, Folder: s.Root,
		Base: s.Base(ctx),
	}
}

// Scan finds the flows where the settings say, and adds the settings that stand beside them. What is wrong with those is among the findings.
func (s *Session) Scan(ctx context.Context, env config.Env) (config.Env, flow.Result, error) {
	scanned, err := flow.Scan(ctx, s.Tree(), flow.Options{Paths: env.Paths, Exclude: env.Exclude, Ignores: s.Ignores(ctx)})
	if err != nil {
		return env, scanned, err
	}
	env, findings := env.Beside(s.Tree(), scanned.Settings)
	folders := make([]string, 0, len(scanned.Flows))
	for _, f := range scanned.Flows {
		folders = append(folders, f.Dir())
	}
	env, moved := env.Kept(s.Tree(), folders)
	findings = append(findings, moved...)
	concealSettings(s, env)
	scanned.Findings = append(scanned.Findings, s.Shared(ctx, findings)...)
	return env, scanned, nil
}
