package tree

import (
	"crypto/rand"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
)

// Write replaces a file of the tree, whole or not at all. A link that is there is replaced, not followed, and no link on the way leads out
// of the tree. What is no file is left alone. Folders on the way are made. A file keeps what it forbids.
func (t *Tree) Write(name string, data []byte, mode fs.FileMode) error {
	root, err := t.valid("write", name)
	if err != nil {
		return err
	}
	if info, err := root.Lstat(filepath.FromSlash(name)); err == nil && info.Mode()&fs.ModeSymlink == 0 {
		if err := Regular(info.Mode()); err != nil {
			return &fs.PathError{Op: "write", Path: name, Err: err}
		}
		mode &= info.Mode() // nobody gets to read it who could not before
	}
	folder := path.Dir(name)
	if folder != "." {
		if err := root.MkdirAll(filepath.FromSlash(folder), 0o755); err != nil {
			return t.told("mkdir", folder, err)
		}
	}
	beside := filepath.FromSlash(path.Join(folder, "."+path.Base(name)+"."+rand.Text()[:8]))
	err = written(root, beside, data, mode)
	if err == nil {
		err = root.Rename(beside, filepath.FromSlash(name))
	}
	if err != nil {
		_ = root.Remove(beside)
	}
	return t.told("write", name, err)
}

// written makes a file that is not there yet.
func written(root *os.Root, name string, data []byte, mode fs.FileMode) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// WriteNamed writes a file that a person names on the command line: as [Tree.Write] where it lies in the tree.
func (t *Tree) WriteNamed(file string, data []byte, mode fs.FileMode) error {
	if name, ok := t.Name(file); ok {
		return t.Write(name, data, mode)
	}
	return maybe.WriteFile(t.elsewhere(file), data, mode)
}
