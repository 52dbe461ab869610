package python

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/flowmage/flowmage/tasks/pattern"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/htmlindex"
)

// largest bounds a source file in bytes; nobody writes a larger one by hand.
const largest = 16 << 20

// cookie is PEP 263's declaration of a file's encoding.
var cookie = pattern.New(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)

// decode gives the source as UTF-8 text with \n as its only line end. The text is the source itself where nothing has to be changed.
func (r *Reader) decode(src []byte) ([]byte, error) {
	if len(src) > largest {
		return nil, &SyntaxError{Line: 1, Column: 1, Message: fmt.Sprintf("the file is larger than %d MiB", largest>>20)}
	}
	src, bom := bytes.CutPrefix(src, []byte("\xef\xbb\xbf"))
	encoding, written := "", ""
	if bytes.Contains(firstLines(src), []byte("coding")) {
		encoding, written = declared(src)
	}
	if bom && encoding != "" && written != "utf-8" { // CPython refuses even the spelling utf8 here
		return nil, &SyntaxError{Line: 1, Column: 1, Message: "encoding problem: " + encoding + " with BOM"}
	}
	r.reader.plain = false
	switch encoding {
	case "", "utf-8", "ascii":
		if r.reader.plain = isPlain(src); r.reader.plain {
			return src, nil
		}
		if at := invalid(src); at >= 0 {
			line, column := place(src, at)
			return nil, &SyntaxError{Line: line, Column: column, Message: fmt.Sprintf("(unicode error) 'utf-8' codec can't decode byte 0x%02x", src[at])}
		}
	default:
		text, err := legacy(encoding, src)
		if err != nil {
			return nil, &SyntaxError{Line: 1, Column: 1, Message: "unknown encoding: " + encoding}
		}
		src = text
	}
	if at := bytes.IndexByte(src, 0); at >= 0 {
		line, column := place(src, at)
		return nil, &SyntaxError{Line: line, Column: column, Message: "source code cannot contain null bytes"}
	}
	if bytes.IndexByte(src, '\r') < 0 {
		return src, nil
	}
	return r.unified(src), nil
}

// firstLines gives enough of a source to hold the two lines that may declare its encoding.
func firstLines(src []byte) []byte {
	first := lineEnd(src, 0)
	return src[:lineEnd(src, min(first+1, len(src)))]
}

// unified gives the source with every line end made \n.
func (r *Reader) unified(src []byte) []byte {
	out := r.decoded[:0]
	for {
		i := bytes.IndexByte(src, '\r')
		if i < 0 {
			break
		}
		out = append(append(out, src[:i]...), '\n')
		src = bytes.TrimPrefix(src[i+1:], []byte("\n"))
	}
	out = append(out, src...)
	r.decoded = out
	return out
}

// invalid gives the offset of the first byte that is not UTF-8, or -1.
func invalid(s []byte) int {
	if utf8.Valid(s) {
		return -1
	}
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRune(s[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// legacy decodes the encodings that browsers know, which covers what Python files are found in.
func legacy(encoding string, src []byte) ([]byte, error) {
	if encoding == "latin-1" { // browsers take this name for another encoding
		return charmap.ISO8859_1.NewDecoder().Bytes(src)
	}
	known, err := htmlindex.Get(strings.Replace(encoding, "cp125", "windows-125", 1))
	if err != nil {
		return nil, err
	}
	return known.NewDecoder().Bytes(src)
}

// declared gives the normalised name of the encoding that the first two lines declare, and the name as written; or nothing.
func declared(src []byte) (normal, written string) {
	for range 2 {
		line, rest := src, []byte(nil)
		if i := bytes.IndexAny(src, "\r\n"); i >= 0 {
			line, rest = src[:i], bytes.TrimPrefix(src[i:], []byte("\r"))
			rest = bytes.TrimPrefix(rest, []byte("\n"))
		}
		if m := cookie.FindSubmatch(line); m != nil {
			return normalEncoding(string(m[1])), strings.ToLower(string(m[1]))
		}
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' {
			return "", ""
		}
		src = rest
	}
	return "", ""
}

func normalEncoding(name string) string {
	name = strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	switch {
	case name == "utf-8" || name == "utf8" || strings.HasPrefix(name, "utf-8-"):
		return "utf-8"
	case name == "ascii" || name == "us-ascii":
		return "ascii"
	case name == "latin-1" || name == "latin1" || name == "iso-8859-1" || name == "iso8859-1" || name == "iso-latin-1":
		return "latin-1"
	default:
		return name
	}
}
