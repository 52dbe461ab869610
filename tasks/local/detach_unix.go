//go:build !windows

package local

import (
	"errors"
	"os/exec"
	"syscall"
)

// detach gives a process a session of its own: it outlives us and hears nothing of the terminal's Ctrl-C.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }

// separateGroup gives a child a process group of its own, so that it can be ended with all its children.
func separateGroup(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// askToEnd asks a process to end in order. One that is gone is no error.
func askToEnd(pid int) error { return gone(syscall.Kill(pid, syscall.SIGTERM)) }

// killGroup ends a process that leads a group, with the whole group.
func killGroup(pid int) error { return gone(syscall.Kill(-pid, syscall.SIGKILL)) }

func gone(err error) error {
	if errors.Is(err, syscall.ESRCH) {
		return nil
	}
	return err
}
