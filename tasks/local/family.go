package local

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/shirou/gopsutil/v4/process"

	"github.com/flowmage/flowmage/tasks/identity"
)

const separator = filepath.Separator

// descendants gives the living children of a process and theirs, to the end.
func descendants(ctx context.Context, pid int) []record {
	p, err := process.NewProcessWithContext(ctx, int32(pid)) //nolint:gosec // process numbers fit
	if err != nil {
		return nil
	}
	children, err := p.ChildrenWithContext(ctx)
	if err != nil {
		return nil
	}
	var out []record
	for _, child := range children {
		if born, ok := identity.Birth(ctx, int(child.Pid)); ok {
			out = append(out, record{PID: int(child.Pid), Born: born})
			out = append(out, descendants(ctx, int(child.Pid))...)
		}
	}
	return out
}

// endOne kills one process, if it is still the one that was meant.
func endOne(ctx context.Context, r record) {
	if !r.alive(ctx) {
		return
	}
	if p, err := process.NewProcessWithContext(ctx, int32(r.PID)); err == nil { //nolint:gosec // process numbers fit
		_ = p.KillWithContext(ctx) // gone meanwhile, or not ours to kill: then the caller's own check tells
	}
}

func (r record) where() string { return fmt.Sprintf("process %d", r.PID) }
