package python

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/htmlindex"
)

// largest bounds a source file in bytes; nobody writes a larger one by hand.
const largest = 16 << 20

// cookie is PEP 263's declaration of a file's encoding.
var cookie = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)

// decode gives the source as UTF-8 text with \n as its only line end.
func decode(src []byte) (string, error) {
	if len(src) > largest {
		return "", &SyntaxError{1, 1, fmt.Sprintf("the file is too large (%d bytes)", len(src))}
	}
	src, bom := bytes.CutPrefix(src, []byte("\xef\xbb\xbf"))
	encoding, written := declared(src)
	if bom && encoding != "" && written != "utf-8" { // CPython refuses even the spelling utf8 here
		return "", &SyntaxError{1, 1, "encoding problem: " + encoding + " with BOM"}
	}
	text := string(src)
	switch encoding {
	case "", "utf-8", "ascii":
		if at := invalid(text); at >= 0 {
			return "", &SyntaxError{1 + strings.Count(text[:at], "\n"), 1, "(unicode error) the file is not valid UTF-8"}
		}
	default:
		var err error
		if text, err = legacy(encoding, src); err != nil {
			return "", &SyntaxError{1, 1, "unknown encoding: " + encoding}
		}
	}
	if at := strings.IndexByte(text, 0); at >= 0 {
		return "", &SyntaxError{1 + strings.Count(text[:at], "\n"), 1, "source code cannot contain null bytes"}
	}
	return strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n"), nil
}

// invalid gives the offset of the first byte that is not UTF-8, or -1.
func invalid(s string) int {
	if utf8.ValidString(s) {
		return -1
	}
	for i, r := range s {
		if _, size := utf8.DecodeRuneInString(s[i:]); r == utf8.RuneError && size == 1 {
			return i
		}
	}
	return -1
}

// legacy decodes the encodings that browsers know, which covers what Python files are found in.
func legacy(encoding string, src []byte) (string, error) {
	if encoding == "latin-1" {
		var b strings.Builder // browsers take this name for another encoding
		for _, c := range src {
			b.WriteRune(rune(c))
		}
		return b.String(), nil
	}
	known, err := htmlindex.Get(strings.Replace(encoding, "cp125", "windows-125", 1))
	if err != nil {
		return "", err
	}
	out, err := known.NewDecoder().Bytes(src)
	return string(out), err
}

// declared gives the normalised name of the encoding that the first two lines declare, and the name as written; or nothing.
func declared(src []byte) (normal, written string) {
	for range 2 {
		line, rest, _ := bytes.Cut(src, []byte("\n"))
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
