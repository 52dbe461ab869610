package session

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/flowmage/flowmage/tasks/config"
	"github.com/flowmage/flowmage/tasks/flow"
	"github.com/flowmage/flowmage/tasks/folder"
	"github.com/flowmage/flowmage/tasks/memory"
	"github.com/flowmage/flowmage/tasks/tree"
)

// knownFiles is what is remembered, in the private folder.
const knownFiles = "files"

// settling is how long a change must lie back for the next one to be told from it, by the coarsest clock of a file system.
const settling = 3 * time.Second

// Discover finds the flows of the repository for an environment. What had nothing to tell when an earlier command read it, and looks as it did
// then, is not read again, unless the environment is guarded.
func Discover(ctx context.Context, s *Session, env config.Env, o flow.Options) (flow.Result, error) {
	o.Ignores = s.Ignores(ctx)
	switch {
	case s.found != nil:
		o.Recall = &flow.Recall{Memory: func() *memory.Memory { return s.found }, Settled: time.Now().Add(-settling)}
	case s.remembers():
		o.Recall = &flow.Recall{
			Memory: func() *memory.Memory { return recollect(ctx, s).memory }, Read: env.Guarded(), Settled: time.Now().Add(-settling),
		}
	}
	result, err := flow.Scan(ctx, s.Tree(), o)
	switch {
	case err != nil || len(result.Memory) == 0:
	case s.found != nil:
		s.found = memory.New(memory.Encode(result.Memory, ""), "")
	default:
		recollect(ctx, s).keep(result.Memory)
	}
	return result, err
}

// remembers tells whether anything is remembered here: not of a stranger's repository, and only where the private folder is there already,
// because a command that looks leaves no folder behind.
func (s *Session) remembers() bool {
	return !s.stance.Untrusted && folder.In(s.Root, s.Console, nil).Trusted() && programStamp() != ""
}

// recollection is what earlier commands remembered, and where; there is no place where nothing shall be believed or kept.
type recollection struct {
	memory  *memory.Memory
	place   string
	program string
}

// recollect reads what is remembered, once. A folder that came with the repository tells nothing, nor does what another program has found.
func recollect(ctx context.Context, s *Session) recollection {
	return s.earlier.get(func() recollection {
		if s.Git.Tracks(ctx, folder.Name) {
			return recollection{}
		}
		r := recollection{place: filepath.Join(s.Root, folder.Name, knownFiles), program: programStamp()}
		if data, err := folder.Read(r.place); err == nil {
			r.memory = memory.New(data, r.program)
		}
		return r
	})
}

// keep leaves to later commands what was found. Where that can't be written they read for themselves.
func (r recollection) keep(files []memory.File) {
	if data := memory.Encode(files, r.program); r.place != "" && len(data) <= memory.Largest {
		_ = folder.Write(r.place, data)
	}
}

// programStamp tells this program from every other build of it, and from what anybody could know beforehand; "" where the system can't say.
func programStamp() string {
	path, err := os.Executable()
	if err != nil {
		return ""
	}
	stamp := tree.Open(filepath.Dir(path)).Stamp(filepath.Base(path))
	if !stamp.Known() {
		return ""
	}
	return fmt.Sprint(stamp)
}
