package flow

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// largest bounds what is read of a file; the reader of Python refuses one that is larger than 16 MiB.
const largest = 16<<20 + 1

// disk is a folder of this machine as a tree. Its files are read into a buffer that is used again: for thousands of small files that
// takes half of the time of [os.ReadFile].
type disk struct {
	fs.FS
	folder string
}

// Folder gives the tree of a folder. Unlike [os.DirFS] its files are read without an allocation each.
func Folder(folder string) fs.FS { return disk{os.DirFS(folder), folder} }

// ReadFile, ReadDir and Stat go straight to the folder: embedding alone would hide them.
func (d disk) ReadFile(name string) ([]byte, error) { return fs.ReadFile(d.FS, name) }

// ReadDir lists a folder.
func (d disk) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(d.FS, name) }

// Stat follows links.
func (d disk) Stat(name string) (fs.FileInfo, error) { return fs.Stat(d.FS, name) }

// into reads a file into a buffer, which grows as needed, and gives what was read.
func (d disk) into(name string, buffer []byte) ([]byte, error) {
	if !fs.ValidPath(name) {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrInvalid}
	}
	return readInto(filepath.Join(d.folder, filepath.FromSlash(name)), buffer)
}

// readFile reads a file of any tree into a buffer.
func readFile(root fs.FS, name string, buffer []byte) ([]byte, error) {
	if d, ok := root.(disk); ok {
		return d.into(name, buffer)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, err
	}
	text, err := fill(f.Read, buffer)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return text, err
}

// fill reads until the end, or until nobody wants more.
func fill(read func([]byte) (int, error), buffer []byte) ([]byte, error) {
	buffer = buffer[:0]
	for len(buffer) < largest {
		if len(buffer) == cap(buffer) {
			buffer = append(buffer, make([]byte, max(cap(buffer), 64<<10))...)[:len(buffer)]
		}
		n, err := read(buffer[len(buffer):cap(buffer)])
		buffer = buffer[:len(buffer)+max(n, 0)]
		if errors.Is(err, io.EOF) || err == nil && n == 0 {
			break
		}
		if err != nil {
			return buffer, err
		}
	}
	return buffer, nil
}
