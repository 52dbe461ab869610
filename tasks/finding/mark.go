package finding

import "bytes"

// Mark is what a comment begins with that has findings ignored: `flowmage: ignore CODE reason`. Package verdict reads the rest of it.
const Mark = "flowmage:"

// Marked tells whether a text may hold such a comment, soon: most hold none.
func Marked(text []byte) bool {
	for {
		at := bytes.Index(text, []byte(Mark))
		if at < 0 {
			return false
		}
		if text = text[at+len(Mark):]; bytes.HasPrefix(bytes.TrimLeft(text, " \t"), []byte("ignore")) {
			return true
		}
	}
}
