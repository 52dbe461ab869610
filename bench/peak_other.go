//go:build !linux

package main

import (
	"os"
	"time"
)

func peak(*os.ProcessState) int64 { return 0 }

// cpuTime is counted on Linux only.
func cpuTime() time.Duration { return 0 }

// ownPeak is known on Linux only.
func ownPeak() int64 { return 0 }
