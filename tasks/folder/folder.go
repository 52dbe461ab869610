// Package folder is the private folder .flowmage of a repository, in which Flowmage keeps what is this machine's own: programs, passwords,
// records of processes.
//
// Start with [In], [Folder.Make] and [Folder.Lock], which takes it for one command. What lies in it is run and believed, so a
// folder that anybody else could have made is refused, and files.go reads no file of another's.
package folder

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
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

// private makes the folder, or sees to it that the one which is there is nobody else's: what lies in it is run and believed.
func (f *Folder) private() error {
	switch err := os.Mkdir(f.Dir, 0o700); {
	case err == nil:
		return nil // nobody else had a moment
	case !os.IsExist(err):
		return f.Unwritable(err)
	}
	info, err := os.Lstat(f.Dir)
	if err != nil {
		return f.Unwritable(err)
	}
	if why := foreign(info); why != "" {
		return f.notOurs(why)
	}
	if closed(info) {
		return nil
	}
	return f.Unwritable(os.Chmod(f.Dir, 0o700)) //nolint:gosec // it is a folder
}

// Untracked refuses a folder that came with the repository: who wrote it chose the programs, the password and the records in it.
func (f *Folder) Untracked(ctx context.Context) error {
	if f.tracked == nil || !Exists(f.Dir) || !f.tracked(ctx) {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, What: "git tracks files of " + Name, Where: f.Dir,
		Why:  "the programs, the password and the records in it must be this machine's own, not the repository's",
		Next: "git rm -r --cached " + Name + " && mv " + Name + " " + Name + ".old; then run the command again: it is made anew",
	}
}

// Trusted tells whether the folder is there and ours, so that its records may be believed.
func (f *Folder) Trusted() bool {
	info, err := os.Lstat(f.Dir)
	return err == nil && foreign(info) == ""
}

// foreign tells why a folder must not be used; "" when it may be.
func foreign(info os.FileInfo) string {
	switch {
	case info.Mode()&os.ModeSymlink != 0:
		return "it is a link to another place"
	case !info.IsDir():
		return "it is not a folder"
	case !mine(info):
		return "it belongs to another user, who could have programs run as you"
	}
	return ""
}

// closed tells whether nobody but the owner has access, where the system says so in the mode.
func closed(info os.FileInfo) bool { return runtime.GOOS == "windows" || info.Mode().Perm()&0o077 == 0 }

// Secret tells whether a path is a file of ours that nobody else may read.
func Secret(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && closed(info) && mine(info)
}

func (f *Folder) notOurs(why string) error {
	return &fault.Error{
		Code: fault.Refused, What: "the folder of the embedded environment can't be used", Where: f.Dir, Why: why,
		Next: fmt.Sprintf("move it away, as in mv %s %s.old, and run the command again: it is made anew. If it is yours under another account, run the command as that one", f.Dir, f.Dir),
	}
}
