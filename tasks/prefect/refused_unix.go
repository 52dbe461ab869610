//go:build !windows

package prefect

import "syscall"

// errRefused is what a connection to a port without a listener fails with.
const errRefused = syscall.ECONNREFUSED
