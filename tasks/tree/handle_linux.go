package tree

import (
	"errors"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// handle is an open file, read with the system's own calls: the runtime would ask its poller first whether the file can be waited for, and
// [os.Root] would open folder by folder.
type handle int

// handle opens a regular file or a folder. The kernel refuses links, which are followed before, so that nothing can change between a look and
// the opening; a pipe does not hold it up.
func (t *Tree) handle(name string) (handle, about, error) {
	if _, err := t.valid("open", name); err != nil {
		return -1, about{}, err
	}
	if t.slow {
		return t.slowly(name)
	}
	fd, err := t.beneath(name)
	if errors.Is(err, unix.ELOOP) {
		in, within, wrong := t.resolved(name)
		if wrong != nil {
			return -1, about{}, &fs.PathError{Op: "open", Path: name, Err: wrong}
		}
		fd, err = in.beneath(within)
		in.keep()
	}
	t.keep()
	switch {
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EPERM), errors.Is(err, unix.EAGAIN): // an old kernel, a sandbox, a rename that goes on
		return t.slowly(name)
	case err != nil:
		return -1, about{}, t.told("open", name, err)
	}
	return judged(handle(fd), name)
}

// judged gives what is known of an open file, if it is one.
func judged(h handle, name string) (handle, about, error) {
	var s unix.Stat_t
	_, err := again(func() (int, error) { return 0, unix.Fstat(int(h), &s) })
	info := about{modeOf(s.Mode), s.Size, stampOf(&s)}
	if err == nil && !info.mode.IsDir() {
		err = Regular(info.mode)
	}
	if err != nil {
		_ = h.close()
		return -1, about{}, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return h, info, nil
}

func (t *Tree) beneath(name string) (int, error) {
	how := unix.OpenHow{
		Flags: unix.O_RDONLY | unix.O_CLOEXEC | unix.O_NONBLOCK | unix.O_NOCTTY, Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS,
	}
	return again(func() (int, error) { return unix.Openat2(int(t.dir.Fd()), name, &how) })
}

// slowly opens a file where the kernel can't keep inside the tree by itself.
func (t *Tree) slowly(name string) (handle, about, error) {
	in, within, err := t.resolved(name)
	if err != nil {
		return -1, about{}, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f, err := in.root.OpenFile(within, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY, 0)
	if err != nil {
		return -1, about{}, t.told("open", name, err)
	}
	defer f.Close() //nolint:errcheck // its copy stays
	fd, err := again(func() (int, error) { return unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0) })
	if err != nil {
		return -1, about{}, t.told("open", name, err)
	}
	return judged(handle(fd), name)
}

func (h handle) read(b []byte) (int, error) {
	return again(func() (int, error) { return unix.Read(int(h), b) })
}

func (h handle) close() error { return unix.Close(int(h)) }

// file gives the handle away.
func (h handle) file(path string) *os.File {
	_ = unix.SetNonblock(int(h), false) // what can't block needs no poller
	return os.NewFile(uintptr(h), path)
}

func modeOf(mode uint32) fs.FileMode {
	out := fs.FileMode(mode & 0o777)
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
	case unix.S_IFDIR:
		out |= fs.ModeDir
	case unix.S_IFIFO:
		out |= fs.ModeNamedPipe
	case unix.S_IFSOCK:
		out |= fs.ModeSocket
	case unix.S_IFCHR, unix.S_IFBLK:
		out |= fs.ModeDevice
	default:
		out |= fs.ModeIrregular
	}
	return out
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
