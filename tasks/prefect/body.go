package prefect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"slices"

	"github.com/flowmage/flowmage/tasks/fault"
)

// One answer takes at most 64 MiB: its body, once more while it is put together, and what is decoded from it. A page of the server's own has a
// few MiB; a larger one is asked for in halves.
const (
	maxBody    = 8 << 20
	maxDecoded = 40 << 20
	maxRows    = 1000 // of a list; a server gives 200
)

var errTooLarge = errors.New("the answer is too large")

// wholeBody is a body that was read to its end.
type wholeBody struct {
	*bytes.Reader

	text []byte
}

// Close implements io.Closer.
func (wholeBody) Close() error { return nil }

// readBody reads an answer, unpacked, and stops where it gets too large.
func readBody(resp *http.Response) ([]byte, error) {
	defer resp.Body.Close() //nolint:errcheck // nothing is written through it
	var parts [][]byte
	total := 0
	for size := 8 << 10; ; size = min(2*size, 1<<20) {
		part, err := fill(resp.Body, size)
		parts, total = append(parts, part), total+len(part)
		switch {
		case total > maxBody:
			return nil, fmt.Errorf("%w: more than %d MiB", errTooLarge, maxBody>>20)
		case errors.Is(err, io.EOF):
			if len(parts) == 1 {
				return part, nil
			}
			return slices.Concat(parts...), nil
		case err != nil:
			return part, fmt.Errorf("the answer broke off: %w", err)
		}
	}
}

// fill reads until it has so many bytes, or the error that ends them.
func fill(r io.Reader, size int) ([]byte, error) {
	part := make([]byte, 0, size)
	for len(part) < size {
		n, err := r.Read(part[len(part):size])
		part = part[:len(part)+n]
		if err != nil {
			return part, err
		}
	}
	return part, nil
}

// The least that values of JSON take when they are decoded: an object and its map or struct, and any other value.
const (
	perObject = 320
	perValue  = 64
)

// heavy tells whether an answer would take too much memory when it is decoded: `{},` is three bytes of it. The first look counts signs within
// texts too, and is all that most answers get.
func heavy(body []byte) bool {
	weigh := func(objects, values int) bool { return len(body)+objects*perObject+values*perValue > maxDecoded }
	if !weigh(bytes.Count(body, []byte("{")), bytes.Count(body, []byte(","))+bytes.Count(body, []byte("["))) {
		return false
	}
	objects, values := 0, 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '"':
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		case '{':
			objects++
		case '[', ',':
			values++
		}
	}
	return weigh(objects, values)
}

// tooLarge is the fault for an answer that takes more memory than any of Prefect's.
func (c *Client) tooLarge(k call, cause error) error {
	return &fault.Error{
		Code: fault.Server, Where: c.URL(), What: "the answer to " + k.method + " " + k.path + " is larger than any of a Prefect server's", Err: cause,
		Next: c.nextAddress() + "; if it is right, look what is so large there",
	}
}

// inHalves reads rows of a list, and where they are too much for one answer each half by itself.
func inHalves[T any](offset, limit int, read func(offset, limit int) ([]T, error)) ([]T, error) {
	rows, err := read(offset, limit)
	if !errors.Is(err, errTooLarge) || limit < 2 {
		return rows, err
	}
	runtime.GC() // what was too large goes before more comes
	half := limit / 2
	rows, err = inHalves(offset, half, read)
	if err != nil || len(rows) < half {
		return rows, err
	}
	more, err := inHalves(offset+half, limit-half, read)
	return append(rows, more...), err
}
