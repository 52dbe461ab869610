package local

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
	"runtime"

	"github.com/google/renameio/v2/maybe"
)

// onWindows is for the few places where programs have other names there.
const onWindows = runtime.GOOS == "windows"

// writeFile replaces a file at once where the system can do that: readers see the old or the new text.
func writeFile(path string, data []byte) error { return maybe.WriteFile(path, data, 0o600) }

// writeIfDifferent spares the disk, and the time of whoever watches it.
func writeIfDifferent(path string, data []byte) error {
	if old, err := readOwn(path); err == nil && bytes.Equal(old, data) {
		return nil
	}
	return writeFile(path, data)
}

// writeJSON stores v for people too.
func writeJSON(path string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return writeFile(path, append(data, '\n'))
}

// readJSON tells whether path holds a T. A missing, torn or foreign file is as good as none: what it told is found out anew.
func readJSON[T any](path string) (T, bool) {
	var v T
	data, err := readOwn(path)
	if err != nil || json.Unmarshal(data, &v) != nil {
		var none T
		return none, false
	}
	return v, true
}

// largestOwn bounds what is read of a file of our folder: records, markers, locks.
const largestOwn = 16 << 20

// readOwn reads a file that was written to our folder on this machine.
func readOwn(path string) ([]byte, error) {
	file, err := openOwn(path)
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

// openOwn opens a file of our folder. A link, a device or a file of another user can only have come with the repository.
func openOwn(path string) (*os.File, error) {
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

// digest names content: the SHA-256 of its parts, in hexadecimal. A part's end is marked, so that parts can't flow into
// each other.
func digest(parts ...[]byte) string {
	h := sha256.New()
	for _, part := range parts {
		sum := sha256.Sum256(part)
		h.Write(sum[:])
	}
	return hex.EncodeToString(h.Sum(nil))
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
