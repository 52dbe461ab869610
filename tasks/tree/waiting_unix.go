//go:build unix

package tree

import "syscall"

// withoutWaiting opens a pipe at once, whoever is at its other end.
const withoutWaiting = syscall.O_NONBLOCK | syscall.O_NOCTTY
