package flow

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// mayHoldFlows tells whether a text has the word flow, not as the end of another (overflow), or Flow with a capital letter. It looks for the
// rarest of the letters: a search for "low" takes more than twice as long. Letters beyond ASCII may spell it otherwise (Python compares names
// in a normal form), so that with them any "ow" or Prefect's name will do.
func mayHoldFlows(text []byte) bool {
	for i := 0; ; i++ {
		n := bytes.IndexByte(text[i:], 'w')
		if n < 0 {
			break
		}
		if i += n; endsWithFlow(text[:i+1]) {
			return true
		}
	}
	return foreign(text) && (bytes.Contains(text, []byte("ow")) || bytes.Contains(text, []byte("prefect")))
}

// endsWithFlow tells whether a text that ends in w ends with the word, as mayHoldFlows takes it.
func endsWithFlow(text []byte) bool {
	i := len(text) - 4
	if i < 0 || text[i+2] != 'o' || text[i+1] != 'l' {
		return false
	}
	return text[i] == 'F' || text[i] == 'f' && (i == 0 || !isLetter(text[i-1]))
}

// uses tells whether a module imports Prefect, or something with the word flow in its name, or has a decorator called flow; all else that it
// may call a decorator is looked for in a second pass.
func uses(m *python.Module, text []byte) bool {
	return bytes.Contains(text, []byte(".flow")) || bytes.Contains(text, []byte("@flow")) || slices.ContainsFunc(m.Imports, func(i python.Import) bool {
		return strings.HasPrefix(i.Module, "prefect") || i.Name == "*" || mayHoldFlows([]byte(i.Name)) || mayHoldFlows([]byte(i.Bound())) || mayHoldFlows([]byte(i.Module))
	})
}

// foreign tells whether a text has bytes beyond ASCII.
func foreign(text []byte) bool {
	const high = 0x8080808080808080
	for ; len(text) >= 8; text = text[8:] {
		if binary.NativeEndian.Uint64(text)&high != 0 {
			return true
		}
	}
	for _, c := range text {
		if c >= 0x80 {
			return true
		}
	}
	return false
}
