package local

import (
	"context"
	"fmt"
	"os"

	"github.com/flowmage/flowmage/tasks/fault"
)

// private makes the folder, or sees to it that the one which is there is nobody else's: what lies in it is run and believed.
func (l *Local) private() error {
	switch err := os.Mkdir(l.home, 0o700); {
	case err == nil:
		return nil // nobody else had a moment
	case !os.IsExist(err):
		return l.unwritable(err)
	}
	info, err := os.Lstat(l.home)
	if err != nil {
		return l.unwritable(err)
	}
	if why := foreign(info); why != "" {
		return l.notOurs(why)
	}
	if !closed(info) {
		if err := os.Chmod(l.home, 0o700); err != nil { //nolint:gosec // it is a folder
			return l.unwritable(err)
		}
	}
	return nil
}

// untracked refuses a folder that came with the repository: who wrote it chose the programs, the password and the records in it.
func (l *Local) untracked(ctx context.Context) error {
	if l.tracked == nil || !exists(l.home) || !l.tracked(ctx) {
		return nil
	}
	return &fault.Error{
		Code: fault.Refused, What: "git tracks files of " + Folder, Where: l.home,
		Why:  "the programs, the password and the records in it must be this machine's own, not the repository's",
		Next: "git rm -r --cached " + Folder + " && mv " + Folder + " " + Folder + ".old; then run the command again: it is made anew",
	}
}

// trusted tells whether the folder is there and ours, so that its records may be believed.
func (l *Local) trusted() bool {
	info, err := os.Lstat(l.home)
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
func closed(info os.FileInfo) bool { return onWindows || info.Mode().Perm()&0o077 == 0 }

func (l *Local) notOurs(why string) error {
	return &fault.Error{
		Code: fault.Refused, What: "the folder of the embedded environment can't be used", Where: l.home, Why: why,
		Next: fmt.Sprintf("move it away, as in mv %s %s.old, and run the command again: it is made anew. If it is yours under another account, run the command as that one", l.home, l.home),
	}
}
