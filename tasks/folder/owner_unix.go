//go:build !windows

package folder

import (
	"os"
	"syscall"
)

// mine tells whether a file belongs to the user that we run as.
func mine(info os.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Geteuid()
}
