package local

import (
	"io/fs"
	"os"

	"github.com/flowmage/flowmage/tasks/fault"
)

// apart makes sure that the folder is a folder of the repository: a link would have the tool install, start and delete somewhere else.
func (l *Local) apart() error {
	info, err := os.Lstat(l.home)
	if err != nil || info.IsDir() {
		return nil //nolint:nilerr // it is made, or can't be, which is told then
	}
	what := "is a file"
	if info.Mode()&fs.ModeSymlink != 0 {
		what = "is a link"
	}
	return &fault.Error{
		Code: fault.Refused, What: Folder + " " + what, Where: l.home, Why: "the embedded environment lives in a folder of its own",
		Next: "remove it: rm " + Folder,
	}
}
