//go:build !windows

package identity

import (
	"errors"
	"os/exec"
	"syscall"
)

// Detach gives a process a session of its own: it outlives us and hears nothing of the terminal's Ctrl-C.
func Detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// Separate gives a child a process group of its own, so that it can be ended with all its children.
func Separate(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// Ask asks a process to end in order. One that is gone is no error.
func Ask(pid int) error { return gone(syscall.Kill(pid, syscall.SIGTERM)) }

// Kill ends a process that leads a group, with the whole group.
func Kill(pid int) error { return gone(syscall.Kill(-pid, syscall.SIGKILL)) }

func gone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
