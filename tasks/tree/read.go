package tree

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Read reads a file of at most most bytes from any tree. It is the one function by which files of a repository are read whole.
func Read(root fs.FS, name string, most int64) ([]byte, error) { return Into(root, name, nil, most) }

// Into reads a file of any tree into a buffer, which grows as needed.
func Into(root fs.FS, name string, buffer []byte, most int64) ([]byte, error) {
	if t, ok := root.(*Tree); ok {
		return t.Into(name, buffer, most)
	}
	f, err := root.Open(name)
	if err != nil {
		return buffer[:0], err
	}
	return whole(f, name, buffer, most)
}

// whole reads an open file and closes it.
func whole(f fs.File, name string, buffer []byte, most int64) ([]byte, error) {
	text := buffer[:0]
	info, err := f.Stat()
	if err == nil {
		err = Regular(info.Mode())
	}
	if err == nil {
		text, err = fill(f.Read, buffer, about{mode: info.Mode(), size: info.Size()}, most)
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err != nil {
		return text, &fs.PathError{Op: "read", Path: name, Err: Reason(err)}
	}
	return text, nil
}

// Named reads a file that a person names on the command line: a path from the tree's folder, or one from anywhere. What lies in the tree is
// read as all of it. Elsewhere links may lead anywhere, and a pipe is read to its end, as a shell makes one for <(command).
func (t *Tree) Named(path string, most int64) ([]byte, error) {
	if name, ok := t.Name(path); ok {
		return t.Into(name, nil, most)
	}
	path = t.elsewhere(path)
	if info, err := os.Stat(path); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return piped(path, most)
	}
	return Outside(path, most)
}

// elsewhere gives the path of a file that is none of the tree.
func (t *Tree) elsewhere(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(t.folder, path)
}

// Name gives a path, from the tree's folder or from the root of the system, as one of the tree, if it is meant as one.
func (t *Tree) Name(path string) (string, bool) {
	if !filepath.IsAbs(path) {
		name := filepath.ToSlash(filepath.Clean(path))
		return name, fs.ValidPath(name)
	}
	for _, folder := range []func(string) (string, error){filepath.Abs, unlinked} {
		base, err := folder(t.folder)
		if err != nil {
			return "", false
		}
		within, err := filepath.Rel(base, path)
		if name := filepath.ToSlash(within); err == nil && filepath.IsLocal(within) && fs.ValidPath(name) {
			return name, true
		}
	}
	return "", false
}

// Outside reads a regular file that is none of a repository, by its path. Links may lead anywhere.
func Outside(path string, most int64) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|withoutWaiting, 0)
	if err != nil {
		return nil, err
	}
	return whole(f, path, nil, most)
}

// piped reads what comes through a pipe.
func piped(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was only read
	text, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(text)) > most {
		text, err = nil, &fs.PathError{Op: "read", Path: path, Err: tooLarge(most)}
	}
	return text, err
}

// Exists tells whether there is something at a path of a tree, whatever it is.
func Exists(root fs.FS, name string) bool {
	_, err := fs.Stat(root, name)
	return err == nil || errors.Is(err, ErrOutside)
}

// HasFile tells whether a regular file is at a path of a tree.
func HasFile(root fs.FS, name string) bool {
	info, err := fs.Stat(root, strings.TrimPrefix(name, "./"))
	return err == nil && info.Mode().IsRegular()
}
