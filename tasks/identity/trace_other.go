//go:build !linux

package identity

import (
	"context"
	"os"
	"strconv"

	"github.com/shirou/gopsutil/v4/host"
	"github.com/shirou/gopsutil/v4/process"
)

// bootSlack is by how much two readings of one boot may differ, in seconds. A clock that is set by more makes the boot another one, which
// errs on the side of the living.
const bootSlack = 3

// here gives the time of the boot, which the system has no id for, and the host's name.
func here(ctx context.Context) (boot, space string) {
	at, err := host.BootTimeWithContext(ctx)
	name, nameless := os.Hostname()
	if err != nil || at == 0 || nameless != nil {
		return "", ""
	}
	return strconv.FormatUint(at, 10), name
}

func sameBoot(a, b string) bool {
	x, err := strconv.ParseInt(a, 10, 64)
	if err != nil {
		return false
	}
	y, err := strconv.ParseInt(b, 10, 64)
	return err == nil && x-y <= bootSlack && y-x <= bootSlack
}

func sameStart(a, b int64) bool { return a-b <= Slack && b-a <= Slack }

// exists errs on the side of the living.
func exists(ctx context.Context, pid int) bool {
	there, err := process.PidExistsWithContext(ctx, int32(pid)) //nolint:gosec // process numbers fit
	return err != nil || there
}

func started(ctx context.Context, pid int) (int64, processState) {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) //nolint:gosec // process numbers fit
	if err != nil {
		return 0, unseen
	}
	if states, err := p.StatusWithContext(ctx); err == nil && len(states) > 0 && states[0] == process.Zombie {
		return 0, ended
	}
	born, err := p.CreateTimeWithContext(ctx)
	if err != nil {
		return 0, unseen
	}
	return born, running
}
