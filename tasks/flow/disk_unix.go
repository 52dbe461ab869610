//go:build unix

package flow

import (
	"errors"
	"io/fs"

	"golang.org/x/sys/unix"
)

// readInto reads a file with the system's own calls: the runtime would ask its poller first whether the file can be waited for.
func readInto(path string, buffer []byte) ([]byte, error) {
	fd, err := again(func() (int, error) { return unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC|unix.O_NONBLOCK, 0) })
	if err != nil {
		return buffer[:0], &fs.PathError{Op: "open", Path: path, Err: err}
	}
	text, err := fill(func(b []byte) (int, error) { return again(func() (int, error) { return unix.Read(fd, b) }) }, buffer)
	if closed := unix.Close(fd); err == nil {
		err = closed
	}
	if err != nil {
		return text, &fs.PathError{Op: "read", Path: path, Err: err}
	}
	return text, nil
}

// again repeats a call that a signal interrupted.
func again(call func() (int, error)) (int, error) {
	for {
		n, err := call()
		if !errors.Is(err, unix.EINTR) {
			return n, err
		}
	}
}
