package image

import (
	"archive/tar"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/moby/go-archive"
)

// stream writes the context as a tar, file by file, so that its size does not count. The same files give the same bytes.
func (c Context) stream(w io.Writer) error {
	out, buffer := tar.NewWriter(w), make([]byte, readAtOnce)
	for _, e := range c.entries {
		if err := c.add(out, e, buffer); err != nil {
			return err
		}
	}
	return out.Close()
}

func (c Context) add(out *tar.Writer, e entry, buffer []byte) error {
	header, err := archive.FileInfoHeader(e.path, stat{e}, e.link)
	if err != nil {
		return fmt.Errorf("the tar header of %s: %w", e.path, err)
	}
	header.ModTime, header.AccessTime, header.ChangeTime = time.Unix(0, 0), time.Time{}, time.Time{}
	if err := out.WriteHeader(header); err != nil {
		return err
	}
	return c.copy(out, e, buffer)
}

// stat shows an entry as what the library takes for a file's description: without an owner and times.
type stat struct{ entry }

func (s stat) Name() string       { return filepath.Base(s.path) }
func (s stat) Size() int64        { return s.size }
func (s stat) Mode() os.FileMode  { return s.mode }
func (s stat) ModTime() time.Time { return time.Unix(0, 0) }
func (s stat) IsDir() bool        { return s.mode.IsDir() }
func (s stat) Sys() any           { return nil }
