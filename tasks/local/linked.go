package local

import (
	"io/fs"
	"os"

	"github.com/flowmage/flowmage/tasks/fault"
)

// apart makes sure that the folder is a folder of the repository: a link would have the tool install, start and delete somewhere else.
func (l *Local) apart() error {
	info, err := os.Lstat(l.home)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return nil //nolint:nilerr // it is made, or can't be, which is told then
	}
	return &fault.Error{
		Code: fault.Refused, What: Folder + " is a link", Where: l.home, Why: "the embedded environment lives in a folder of its own: elsewhere it would start and delete what is not ours",
		Next: "remove the link: rm " + Folder,
	}
}
