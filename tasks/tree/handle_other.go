//go:build !linux

package tree

import (
	"io/fs"
	"os"
)

// handle is an open file.
type handle struct{ *os.File }

// handle opens a regular file or a folder; a pipe does not hold it up.
func (t *Tree) handle(name string) (handle, about, error) {
	if _, err := t.valid("open", name); err != nil {
		return handle{}, about{}, err
	}
	in, within, err := t.resolved(name)
	if err != nil {
		return handle{}, about{}, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	f, err := in.root.OpenFile(within, os.O_RDONLY|withoutWaiting, 0)
	in.keep()
	if err != nil {
		return handle{}, about{}, t.told("open", name, err)
	}
	info, err := f.Stat()
	if err == nil && !info.IsDir() {
		err = Regular(info.Mode())
	}
	if err != nil {
		_ = f.Close()
		return handle{}, about{}, &fs.PathError{Op: "open", Path: name, Err: Reason(err)}
	}
	return handle{f}, about{info.Mode(), info.Size(), stampOf(info)}, nil
}

func (h handle) read(b []byte) (int, error) { return h.File.Read(b) }

func (h handle) close() error { return h.File.Close() }

// file gives the handle away.
func (h handle) file(string) *os.File { return h.File }
