package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
)

// peak gives the most memory that a process had resident; Linux counts it in units of 1 KiB.
func peak(p *os.ProcessState) int64 {
	if usage, ok := p.SysUsage().(*syscall.Rusage); ok {
		return usage.Maxrss << 10
	}
	return 0
}

// cpuTime gives the time that this process has computed so far.
func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// ownPeak gives the most memory that this process had resident, in bytes.
func ownPeak() int64 {
	data, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		var kibibytes int64
		if n, err := fmt.Sscanf(line, "VmHWM: %d kB", &kibibytes); err == nil && n == 1 {
			return kibibytes << 10
		}
	}
	return 0
}
