// Package tree reads the files of a repository, of which nobody knows who wrote them. All that the tool reads of a repository goes through
// [Read] or a [Tree]: a file is a regular one, it lies inside the tree when all links are followed, or else in the git repository around it,
// and it is no larger than what it is for allows. A file keeps the name by which it was reached. What is refused is a [RefusedError], which says what is wrong and what to do.
//
// Start with [Open]. A Tree is an [fs.FS], so that a reader which takes one needs to know nothing of this; [Tree.Named] reads what a person
// names on the command line, which may lie elsewhere, and [Tree.Write] replaces a file without being led out of the tree by a link.
package tree

import (
	"cmp"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"sync"
)

// How large files may be. No honest file comes near.
const (
	Source     = 16 << 20  // Python code
	Text       = 4 << 20   // what else people write: settings, templates, Dockerfiles, requirements, ignore files
	Secret     = 1 << 20   // a password, a key
	Parameters = 16 << 20  // parameters of a run, certificates
	Plan       = 256 << 20 // a plan, which a program wrote
)

// Widest is how many entries a folder may have, and longest how many bytes the name of a file from the root.
const (
	Widest  = 1_000_000
	longest = 4095 // PATH_MAX of Linux
)

// Tree is a folder whose files are read as the package says. It may be used by several goroutines. The folder is opened by the first who
// reads.
type Tree struct {
	folder string
	once   sync.Once
	root   *os.Root
	dir    *os.File // the folder itself, for the system's own calls
	err    error
	slow   bool // as on systems that can't keep inside a tree by themselves

	search     sync.Once
	repository *Tree // of the git repository around the folder
}

// Open gives the tree of a folder. Whether it is there shows when it is read.
func Open(folder string) *Tree { return &Tree{folder: folder} }

// Folder is the path that the tree was opened with.
func (t *Tree) Folder() string { return t.folder }

// opened gives the folder, opened.
func (t *Tree) opened() (*os.Root, error) {
	t.once.Do(func() {
		if t.root, t.err = os.OpenRoot(t.folder); t.err == nil {
			t.dir, t.err = t.root.Open(".")
		}
	})
	return t.root, t.err
}

// Open opens a regular file or a folder.
func (t *Tree) Open(name string) (fs.File, error) {
	h, _, err := t.handle(name)
	if err != nil {
		return nil, err
	}
	return h.file(filepath.Join(t.folder, filepath.FromSlash(name))), nil
}

// ReadFile reads a file of at most [Source] bytes.
func (t *Tree) ReadFile(name string) ([]byte, error) { return t.Into(name, nil, Source) }

// Into reads a file of at most most bytes into a buffer, which grows as needed, and gives what was read: for who reads many files and keeps
// none.
func (t *Tree) Into(name string, buffer []byte, most int64) ([]byte, error) {
	text, _, err := t.stamped(name, buffer, most)
	return text, err
}

func (t *Tree) stamped(name string, buffer []byte, most int64) ([]byte, Stamp, error) {
	h, info, err := t.handle(name)
	if err != nil {
		return buffer[:0], Stamp{}, err
	}
	text, err := fill(h.read, buffer, info, most)
	if closed := h.close(); err == nil {
		err = closed
	}
	if err != nil {
		return text, Stamp{}, &fs.PathError{Op: "read", Path: name, Err: err}
	}
	return text, info.stamp, nil
}

// CopyTo copies a file of any size through a buffer: for who keeps nothing of it.
func (t *Tree) CopyTo(to io.Writer, name string, buffer []byte) error {
	h, info, err := t.handle(name)
	if err != nil {
		return err
	}
	if info.mode.IsDir() {
		err = errFolder
	}
	for err == nil {
		var n int
		if n, err = h.read(buffer); n > 0 {
			_, wrong := to.Write(buffer[:n])
			err = cmp.Or(err, wrong)
		} else if err == nil {
			err = io.EOF
		}
	}
	if closed := h.close(); errors.Is(err, io.EOF) {
		err = closed
	}
	return t.told("read", name, err)
}

// ReadDir lists a folder of at most [Widest] entries, by name.
func (t *Tree) ReadDir(name string) ([]fs.DirEntry, error) {
	h, info, err := t.handle(name)
	if err != nil {
		return nil, err
	}
	f := h.file(filepath.Join(t.folder, filepath.FromSlash(name)))
	defer f.Close() //nolint:errcheck // it was only read
	if !info.mode.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("it is no folder")}
	}
	return list(f, name)
}

// Stat follows links as far as they may lead.
func (t *Tree) Stat(name string) (fs.FileInfo, error) {
	root, err := t.valid("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := root.Lstat(filepath.FromSlash(name))
	if err == nil && info.Mode()&fs.ModeSymlink == 0 {
		return info, nil
	}
	in, within, err := t.resolved(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	info, err = in.root.Stat(within)
	return info, t.told("stat", name, err)
}

// Lstat tells what is at a path, links on the way followed as far as they may lead.
func (t *Tree) Lstat(name string) (info fs.FileInfo, err error) {
	err = t.unfollowed("lstat", name, func(root *os.Root, name string) error {
		info, err = root.Lstat(name)
		return err
	})
	return info, err
}

// ReadLink gives what a link says, with slashes, wherever that leads.
func (t *Tree) ReadLink(name string) (to string, err error) {
	err = t.unfollowed("readlink", name, func(root *os.Root, name string) error {
		to, err = root.Readlink(name)
		return err
	})
	return filepath.ToSlash(to), err
}

// unfollowed asks for what is at a path itself, links on the way followed as far as they may lead.
func (t *Tree) unfollowed(op, name string, ask func(root *os.Root, name string) error) error {
	root, err := t.valid(op, name)
	if err != nil {
		return err
	}
	if err = ask(root, filepath.FromSlash(name)); escapes(err) {
		in, within, wrong := t.beside(name)
		if wrong != nil {
			return &fs.PathError{Op: op, Path: name, Err: wrong}
		}
		err = ask(in.root, within)
	}
	return t.told(op, name, err)
}

// valid tells whether a name can be one of this tree.
func (t *Tree) valid(op, name string) (*os.Root, error) {
	switch {
	case !fs.ValidPath(name):
		return nil, &fs.PathError{Op: op, Path: name, Err: invalid(name)}
	case isClosed(name):
		return nil, &fs.PathError{Op: op, Path: name, Err: errGits}
	case len(name) > longest:
		return nil, &fs.PathError{Op: op, Path: name[:64] + "…", Err: errLong}
	}
	return t.opened()
}

// about is what is known of a file once it is open.
type about struct {
	mode  fs.FileMode
	size  int64
	stamp Stamp
}

// fill reads a regular file until its end, of which no more than most bytes are taken.
func fill(read func([]byte) (int, error), buffer []byte, info about, most int64) ([]byte, error) {
	buffer = buffer[:0]
	switch {
	case info.mode.IsDir():
		return buffer, errFolder
	case info.size > most:
		return buffer, tooLarge(most)
	}
	if int64(cap(buffer)) <= info.size {
		buffer = make([]byte, 0, max(info.size+1, int64(2*cap(buffer))))
	}
	for {
		if int64(len(buffer)) > most { // it has grown, or hides its size
			return buffer[:0], tooLarge(most)
		}
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, make([]byte, max(cap(buffer), 4<<10))...)[:len(buffer)]
		}
		n, err := read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+max(n, 0)]
		if errors.Is(err, io.EOF) || err == nil && n == 0 || err == nil && n > 0 && int64(len(buffer)) == info.size {
			return buffer, nil
		}
		if err != nil {
			return buffer, err
		}
	}
}

// list reads the entries of a folder in pieces, so that one without end costs no memory without end.
func list(f *os.File, name string) ([]fs.DirEntry, error) {
	const piece = 8192
	var out []fs.DirEntry
	for {
		some, err := f.ReadDir(piece)
		out = append(out, some...)
		switch {
		case err != nil:
			slices.SortFunc(out, func(a, b fs.DirEntry) int { return cmp.Compare(a.Name(), b.Name()) })
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return out, err
		case len(out) > Widest:
			return nil, &fs.PathError{Op: "readdir", Path: name, Err: errWide}
		}
	}
}

// keep holds the tree's folder open until a system's call with it is over.
func (t *Tree) keep() { runtime.KeepAlive(t.dir) }
