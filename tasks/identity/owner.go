package identity

import (
	"context"
	"os"
	"os/user"
	"runtime"
	"slices"

	"github.com/shirou/gopsutil/v4/process"
)

// Ours tells whether a living process belongs to the user that this one runs as. Anybody may give a process of his any name and command
// line, so only a process of ours is believed, and only to such a one a signal is sent. One whose owner is not told is not ours.
func Ours(ctx context.Context, pid int) bool {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) //nolint:gosec // process numbers fit
	if err != nil {
		return false
	}
	if runtime.GOOS == "windows" {
		name, err := p.UsernameWithContext(ctx)
		self, failed := user.Current()
		return err == nil && failed == nil && name == self.Username
	}
	users, err := p.UidsWithContext(ctx) // real, effective and saved, as far as the system tells them
	return err == nil && len(users) > 0 && !slices.ContainsFunc(users, func(id uint32) bool { return int(id) != os.Geteuid() })
}
