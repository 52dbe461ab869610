package local

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"os"
	"runtime"

	"github.com/google/renameio/v2/maybe"
)

// onWindows is for the few places where programs have other names there.
const onWindows = runtime.GOOS == "windows"

// writeFile replaces a file at once where the system can do that: readers see the old or the new text.
func writeFile(path string, data []byte) error { return maybe.WriteFile(path, data, 0o600) }

// writeIfDifferent spares the disk, and the time of whoever watches it.
func writeIfDifferent(path string, data []byte) error {
	if old, err := os.ReadFile(path); err == nil && bytes.Equal(old, data) {
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
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &v) != nil {
		var none T
		return none, false
	}
	return v, true
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
