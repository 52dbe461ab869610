package prefect

import "syscall"

// errRefused is what a connection to a port without a listener fails with: WSAECONNREFUSED.
const errRefused = syscall.Errno(10061)
