package image

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"maps"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"
)

// tagLength is how much of the hash a tag shows: 64 bits.
const tagLength = 16

// Tag gives the tag for an image: a hash over the context's files, the Dockerfile with its FROM lines as written, the build arguments and
// the platform. Owners and times of files don't count, nor does anything of a daemon or a registry. The error is a *fault.Error.
func Tag(s Spec) (string, error) {
	h := sha256.New()
	field(h, "flowmage image 1")
	field(h, string(s.Text))
	field(h, s.Platform)
	for _, name := range slices.Sorted(maps.Keys(s.Args)) {
		field(h, name)
		field(h, s.Args[name])
	}
	sums, err := s.Context.sums()
	if err != nil {
		return "", err
	}
	for i, e := range s.Context.entries {
		field(h, e.path)
		field(h, e.mode.String())
		field(h, e.link)
		h.Write(sums[i])
	}
	return hex.EncodeToString(h.Sum(nil))[:tagLength], nil
}

// field writes a text with its length, so that two fields are never taken for two others.
func field(h hash.Hash, s string) { fmt.Fprintf(h, "%d:%s", len(s), s) }

// readAtOnce is how much of a file is read at a time.
const readAtOnce = 128 << 10

// sums hashes the files, as many at once as there are processors.
func (c Context) sums() ([][]byte, error) {
	out := make([][]byte, len(c.entries))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	const batch = 32 // small files are cheaper to hash than to hand over
	for start := 0; start < len(c.entries); start += batch {
		group.Go(func() error {
			buffer := make([]byte, readAtOnce)
			for i := start; i < min(start+batch, len(c.entries)); i++ {
				sum, err := c.sum(c.entries[i], buffer)
				if err != nil {
					return err
				}
				out[i] = sum
			}
			return nil
		})
	}
	return out, group.Wait()
}

func (c Context) sum(e entry, buffer []byte) ([]byte, error) {
	h := sha256.New()
	err := c.copy(h, e, buffer)
	return h.Sum(nil), err
}

// copy writes what is in a file, through a buffer; of folders and links nothing.
func (c Context) copy(to io.Writer, e entry, buffer []byte) error {
	var err error
	switch {
	case !e.mode.IsRegular():
	case e.data != nil:
		_, err = to.Write(e.data)
	default:
		err = c.files.CopyTo(to, e.path, buffer)
	}
	if err != nil {
		return unreadable(e.path, err)
	}
	return nil
}
