package tree

import "golang.org/x/sys/unix"

// look asks the system by one call, from the tree's folder.
func (t *Tree) look(name string) Stamp {
	var s unix.Stat_t
	_, err := again(func() (int, error) { return 0, unix.Fstatat(int(t.dir.Fd()), name, &s, unix.AT_SYMLINK_NOFOLLOW) })
	t.keep()
	if err != nil {
		return Stamp{}
	}
	return stampOf(&s)
}

func stampOf(s *unix.Stat_t) Stamp {
	if s.Mode&unix.S_IFMT != unix.S_IFREG {
		return Stamp{}
	}
	return Stamp{Device: s.Dev, Inode: s.Ino, Size: s.Size, Modified: s.Mtim.Nano(), Changed: s.Ctim.Nano()}
}
