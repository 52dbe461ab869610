package main

import (
	"os"
	"syscall"
)

// peak gives the most memory that a process had resident; Linux counts it in units of 1 KiB.
func peak(p *os.ProcessState) int64 {
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}
