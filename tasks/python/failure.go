package python

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError says where a module can't be read. Line and Column count from 1, columns in characters, as CPython's
// SyntaxError.offset does.
type SyntaxError struct {
	Line, Column int
	Message      string
	Text         string // the line, or what of it surrounds the column
	Caret        int    // the column within Text, from 1
}

// Error gives line, column and message.
func (e *SyntaxError) Error() string { return fmt.Sprintf("%d:%d: %s", e.Line, e.Column, e.Message) }

// failure is an error before its place is known as line and column. Tokenizer and parser panic with it; the package's entry points
// catch it, so that nobody has to pass errors up through the grammar.
type failure struct {
	at      int // offset
	message string
	// firm errors of the tokenizer win over errors of the grammar that come earlier in the file, as in CPython.
	firm bool
	// column overrules the one of at; 0 means that it doesn't.
	column int
}

// catch turns a failure that panicked into a value.
func catch(f **failure) {
	switch r := recover().(type) {
	case nil:
	case *failure:
		*f = r
	default:
		panic(r)
	}
}

// failed gives the error that users see.
func failed(src []byte, f *failure) *SyntaxError {
	line, column := place(src, f.at)
	if f.column > 0 {
		column = f.column
	}
	e := &SyntaxError{Line: line, Column: column, Message: f.message}
	e.show(src, f.at)
	return e
}

// widest is how many characters of a line are shown.
const widest = 100

// show takes the line of an offset into the error.
func (e *SyntaxError) show(src []byte, at int) {
	at = min(at, len(src))
	from := bytes.LastIndexByte(src[:at], '\n') + 1
	to := lineEnd(src, at)
	line := []rune(string(src[max(from, at-4*widest):min(to, at+4*widest)]))
	caret := e.Column - utf8.RuneCount(src[from:max(from, at-4*widest)])
	if len(line) > widest && caret > widest*3/4 {
		cut := min(caret-widest/2, len(line)-widest/2)
		line, caret = line[cut:], caret-cut
	}
	e.Text, e.Caret = string(line[:min(len(line), widest)]), max(caret, 1)
}

// place gives line and column, from 1, of an offset.
func place[T string | []byte](src T, at int) (line, column int) {
	before := string(src[:min(at, len(src))])
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]) + 1
}
