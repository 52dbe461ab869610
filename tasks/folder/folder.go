// Package folder is the private folder .flowmage of a repository, in which Flowmage keeps what is this machine's own: programs, passwords,
// records of processes.
//
// Start with [In], [Folder.Make] and [Folder.Lock], which takes it for one command. What lies in it is run and believed, so private.go
// refuses a folder that anybody else could have made, and files.go reads no file of another's.
package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/gofrs/flock"

	"github.com/flowmage/flowmage/tasks/console"
	"github.com/flowmage/flowmage/tasks/fault"
)

// Name is the folder's name in the repository's root. It ignores itself for git.
const Name = ".flowmage"

// Folder is the private folder of one repository.
type Folder struct {
	Root string // the repository's, absolute
	Dir  string // its own

	console *console.Console
	tracked func(context.Context) bool
}

// In gives the folder of a repository; nothing is made. Waiting is told to c. tracked tells whether git keeps files of the folder; nil: nobody
// knows.
func In(root string, c *console.Console, tracked func(context.Context) bool) *Folder {
	return &Folder{Root: filepath.Clean(root), Dir: filepath.Join(root, Name), console: c, tracked: tracked}
}

// Path gives the path of something in the folder.
func (f *Folder) Path(elem ...string) string {
	return filepath.Join(append([]string{f.Dir}, elem...)...)
}

// Make makes the folder and its parts.
func (f *Folder) Make() error {
	if err := f.private(); err != nil {
		return err
	}
	for _, dir := range []string{"run", "logs", "bin", "server"} {
		if err := os.MkdirAll(f.Path(dir), 0o700); err != nil {
			return f.Unwritable(err)
		}
	}
	return f.Unwritable(WriteIfDifferent(f.Path(".gitignore"), []byte("*\n")))
}

// Lock takes the folder, which is there, for one command. The system frees a lock whose holder dies, so there is no stale one.
func (f *Folder) Lock(ctx context.Context) (unlock func(), err error) {
	file := flock.New(f.Path("lock"), flock.SetPermissions(0o600))
	got, err := file.TryLock()
	if err == nil && !got {
		step := f.console.Begin("waiting for another command that works on %s", Name)
		got, err = file.TryLockContext(ctx, 100*time.Millisecond)
		if got {
			step.Done("the other command has ended")
		} else {
			step.Fail()
		}
	}
	switch {
	case errors.Is(err, context.Canceled):
		return nil, err
	case err != nil || !got:
		return nil, &fault.Error{
			Code: fault.Refused, What: "can't lock the embedded environment", Where: file.Path(), Err: err,
			Next: "wait for the other command, or end it, then try again",
		}
	}
	return func() { _ = file.Unlock() }, nil
}

// Unwritable is the fault for what can't be written there; nil for what could.
func (f *Folder) Unwritable(err error) error {
	if err == nil {
		return nil
	}
	return &fault.Error{
		Code: fault.Unexpected, What: "can't write the embedded environment", Where: f.Dir, Err: err,
		Next: fmt.Sprintf("make %s writable for you (a run as root may have left it behind), or remove it: it is made anew", f.Dir),
	}
}
