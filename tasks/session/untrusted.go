package session

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/fault"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/git"
	"github.com/flowmage/flowmage/tasks/policy"
	"github.com/flowmage/flowmage/tasks/trust"
)

// takeStance decides whether the repository is trusted. Where it isn't, this process and all that it starts from then on find no program and no
// configuration in it.
func takeStance(s *Session) (err error) {
	if s.stance, err = trust.Of(s.Environ, s.Root); err != nil || !s.stance.Untrusted {
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

// Stance tells whether the repository is trusted: if not, nothing of it may be started. See package trust.
func (s *Session) Stance() trust.Stance { return s.stance }

// SayUntrusted says in one line that nothing of the repository is started, and why, where that is so.
func (s *Session) SayUntrusted() {
	if s.stance.Untrusted {
		s.Console.Say("nothing of this repository is started, and no guard of its own counts: %s", s.stance.Reason)
	}
}

// RequireTrust refuses, with a fault, what writes or starts programs where the repository is not trusted.
func (s *Session) RequireTrust() error {
	if !s.stance.Untrusted {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, What: "this command writes or starts programs, and the repository is not trusted; nothing was done", Why: s.stance.Reason,
		Next: "look only, with mage deploy:plan or mage verify; to trust the code, set " + trust.Variable + "=0 outside of it: docs/security.md#repositories-of-strangers",
	}
}

// Ignores gives where the ignore files are read that count; nil: where they stand.
func (s *Session) Ignores(ctx context.Context) fs.FS {
	switch b := mergeBase(ctx, s); {
	case b == nil:
		return nil
	case b.Files == nil:
		return embed.FS{} // none count
	default:
		return b.Files
	}
}

// mergeBase gives what the pull request of a stranger is to be merged into: its guards and ignores count, not those that the pull request has
// written. It is nil for a trusted repository.
func mergeBase(ctx context.Context, s *Session) *config.Base {
	if !s.stance.Untrusted {
		return nil
	}
	return s.base.get(func() (b *config.Base) {
		b, s.baseRef, s.baseMissing = findBase(ctx, s.Git, trust.Bases(s.Environ, s.Root))
		return b
	})
}

// findBase gives the first of the bases that git knows, its name for git, and why it does not know another.
func findBase(ctx context.Context, repository git.Repository, bases []trust.Base) (*config.Base, string, finding.List) {
	if len(bases) == 0 {
		nobody := trust.Base{Shown: trust.BaseVariable, Fetch: "set " + trust.BaseVariable + " to a commit or a branch of origin"}
		return &config.Base{}, "", baseMissing(nobody, git.ErrNoCommit)
	}
	var missing finding.List
	for _, b := range bases {
		files, err := repository.Snapshot(ctx, b.Name, guarding)
		if err == nil {
			return &config.Base{Files: files, Name: b.Shown}, b.Name, nil
		}
		missing = baseMissing(b, err)
	}
	return &config.Base{}, "", missing
}

// guarding tells whether a file may hold guards, ignores or policies.
func guarding(file string) bool {
	switch path.Base(file) {
	case config.BesideFile, ".gitignore", ".prefectignore":
		return true
	default:
		return path.Dir(file) == "envs" && strings.HasSuffix(file, ".yaml") || policy.Is(file)
	}
}

// baseMissing says that the base's guards are not known, why, and how they would be.
func baseMissing(b trust.Base, err error) finding.List {
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
	return finding.List{catalogue.New("base-missing", finding.Surroundings(), finding.Finding{
		Position: finding.Position{File: "envs"},
		Message:  "what the pull request is to be merged into " + state + ", so every guard is on and nothing is ignored: " + b.Shown + ": " + err.Error(),
		Fix:      fix,
	})}
}
