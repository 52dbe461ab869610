//go:build !unix

package flow

import "os"

func readInto(path string, buffer []byte) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return buffer[:0], err
	}
	text, err := fill(f.Read, buffer)
	if closed := f.Close(); err == nil {
		err = closed
	}
	return text, err
}
