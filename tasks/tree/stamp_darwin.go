package tree

import (
	"io/fs"
	"path/filepath"
	"syscall"
)

func (t *Tree) look(name string) Stamp {
	info, err := t.root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return Stamp{}
	}
	return stampOf(info)
}

func stampOf(info fs.FileInfo) Stamp {
	s, ok := info.Sys().(*syscall.Stat_t)
	if !ok || !info.Mode().IsRegular() {
		return Stamp{}
	}
	return Stamp{
		Device: uint64(s.Dev), Inode: s.Ino, Size: s.Size, Modified: s.Mtimespec.Nano(), Changed: s.Ctimespec.Nano(), //nolint:gosec // a number that is only compared
	}
}
