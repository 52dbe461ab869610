package folder

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"
)

// Write replaces a file at once where the system can do that: readers see the old or the new text.
func Write(path string, data []byte) error { return maybe.WriteFile(path, data, 0o600) }

// WriteIfDifferent spares the disk, and the time of whoever watches it.
func WriteIfDifferent(path string, data []byte) error {
	if old, err := Read(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	return Write(path, data)
}

// Remove removes a file; none is no error.
func Remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// WriteJSON stores v for people too.
func WriteJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return Write(path, append(data, '\n'))
}

// ReadJSON tells whether path holds a T. A missing, torn or foreign file is as good as none: what it told is found out anew.
func ReadJSON[T any](path string) (T, bool) {
	var v T
	data, err := Read(path)
	if err != nil || json.Unmarshal(data, &v) != nil {
		return *new(T), false
	}
	return v, true
}

// largestOwn bounds what is read of a file of our folder: records, markers, locks.
const largestOwn = 16 << 20

// Read reads a file that was written to our folder on this machine.
func Read(path string) ([]byte, error) {
	file, err := Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // it was only read
	data, err := io.ReadAll(io.LimitReader(file, largestOwn+1))
	if err == nil && len(data) > largestOwn {
		err = &fs.PathError{Op: "read", Path: path, Err: errNotOurs}
	}
	return data, err
}

// errNotOurs is for what lies in our folder and was not written there by us.
var errNotOurs = errors.New("it is not a file that was written here")

// Open opens a file of our folder. A link, a device or a file of another user can only have come with the repository.
func Open(path string) (*os.File, error) {
	folder, err := os.Lstat(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !folder.IsDir() || !info.Mode().IsRegular() || !mine(info) {
		return nil, &fs.PathError{Op: "open", Path: path, Err: errNotOurs}
	}
	return os.Open(path)
}

// Digest names content: the SHA-256 of its parts, in hexadecimal. A part's end is marked, so that parts can't flow into
// each other.
func Digest(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Exists tells whether there is anything at a path.
func Exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
