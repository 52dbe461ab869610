package python

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

type kind uint8

const (
	end kind = iota
	newline
	indent
	dedent
	name
	number
	text // a string literal with its prefix
	operator
)

// token is a piece of source: its kind and its span in bytes.
type token struct {
	kind       kind
	start, end int
}

// source is text with the means to tell lines and columns.
type source struct {
	text  string
	lines []int // offset of each line's start
}

func newSource(s string) *source {
	src := &source{text: s, lines: []int{0}}
	for i := range len(s) {
		if s[i] == '\n' {
			src.lines = append(src.lines, i+1)
		}
	}
	return src
}

// place gives line and column, from 1, of an offset.
func (s *source) place(offset int) (line, column int) {
	low, high := 0, len(s.lines)
	for high-low > 1 {
		if mid := (low + high) / 2; s.lines[mid] <= offset {
			low = mid
		} else {
			high = mid
		}
	}
	return low + 1, utf8.RuneCountInString(s.text[s.lines[low]:min(offset, len(s.text))]) + 1
}

func (s *source) fail(offset int, message string) *SyntaxError {
	line, column := s.place(offset)
	return &SyntaxError{line, column, message}
}

// identifier gives a name's text in Python's normal form: names are compared after NFKC.
func identifier(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFKC.String(s)
		}
	}
	return s
}

// reserved tells whether a word can't be a name.
func reserved(word string) bool {
	const words = " False None True and as assert async await break class continue def del elif else except finally for from " +
		"global if import in is lambda nonlocal not or pass raise return try while with yield "
	return strings.Contains(words, " "+word+" ")
}
