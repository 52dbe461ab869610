package session

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/trust"
)

// surrounded decides whether the repository is trusted. Where it isn't, this process and all that it starts from then on find no program and no
// configuration in it.
func surrounded(s *Session) error {
	stance, err := trust.Of(s.Environ, s.Root)
	s.Untrusted, s.Reason = stance.Untrusted, stance.Reason
	if err != nil || !s.Untrusted {
		return err
	}
	clean := trust.Surroundings(s.Environ, s.Root)
	for name, value := range trust.Changed(s.Environ, clean) {
		if err := os.Setenv(name, value); err != nil {
			return err
		}
	}
	s.Environ, s.Git = clean, s.Git.Untrusted()
	return nil
}

// SayUntrusted says in one line that nothing of the repository is started, and why, where that is so.
func (s *Session) SayUntrusted() {
	if s.Untrusted {
		s.Console.Say("nothing of this repository is started, and no guard of its own counts: %s", s.Reason)
	}
}

// RequireTrust refuses what writes or starts programs where the repository is not trusted.
func (s *Session) RequireTrust() error {
	if !s.Untrusted {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, What: "this command writes or starts programs, and the repository is not trusted; nothing was done", Why: s.Reason,
		Next: "look only, with mage deploy:plan or mage verify; to trust the code, set " + trust.Variable + "=0 outside of it: docs/security.md#repositories-of-strangers",
	}
}

// Base gives what the pull request is to be merged into, for the guards; nil where the repository is trusted. It is looked for once.
func (s *Session) Base(ctx context.Context) *config.Base {
	if !s.Untrusted {
		return nil
	}
	s.based.Do(func() {
		s.mergedInto = &config.Base{}
		for _, b := range trust.Bases(s.Environ, s.Root) {
			files, err := s.Git.Snapshot(ctx, b.Name, guarding)
			if err == nil {
				s.mergedInto = &config.Base{Files: files, Name: b.Shown}
				return
			}
			s.unbased = unbased(b, err)
		}
		if s.unbased == nil {
			s.unbased = unbased(trust.Base{Shown: trust.BaseVariable, Fetch: "set " + trust.BaseVariable + " to a commit or a branch of origin"}, git.ErrNoCommit)
		}
	})
	return s.mergedInto
}

// guarding tells whether a file may hold guards or ignores.
func guarding(file string) bool {
	switch path.Base(file) {
	case config.BesideFile, ".gitignore", ".prefectignore":
		return true
	default:
		return path.Dir(file) == "envs" && strings.HasSuffix(file, ".yaml")
	}
}

// unbased says that the base's guards are not known, why, and how they would be.
func unbased(b trust.Base, err error) finding.List {
	state, fix := "can't be read", b.Fetch
	owner, foreign := errors.AsType[*git.OwnerError](err)
	switch {
	case foreign:
		fix = "git config --global --add safe.directory " + fault.Typed(owner.Folder)
	case errors.Is(err, git.ErrNoRepository):
		fix = "check the repository out with git: an unpacked archive has no base"
	case errors.Is(err, git.ErrNoProgram):
		fix = "install git, outside of the repository"
	case errors.Is(err, git.ErrNoCommit):
		state = "is not here"
	}
	return finding.List{{
		Code: "base-missing", Severity: finding.Warning, Position: finding.Position{File: "envs"},
		Message: "what the pull request is to be merged into " + state + ", so every guard is on and nothing is ignored: " + b.Shown + ": " + err.Error(),
		Why:     "guards and ignores that the pull request itself has written don't count", Fix: fix,
	}}
}

// Ignores gives where the ignore files are read that count; nil: where they stand.
func (s *Session) Ignores(ctx context.Context) fs.FS {
	b := s.Base(ctx)
	switch {
	case b == nil:
		return nil
	case b.Files == nil:
		return nothing{}
	default:
		return b.Files
	}
}

// nothing is a tree without files.
type nothing struct{}

// Open finds nothing.
func (nothing) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
}
