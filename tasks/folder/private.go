package folder

import (
	"context"
	"fmt"
	"os"
	"runtime"

	"github.com/flowmage/flowmage/tasks/fault"
)

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
