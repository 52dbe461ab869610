package python

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// SyntaxError says where a module can't be read. Line and Column count from 1, columns in characters, as CPython's
// SyntaxError.offset does.
type SyntaxError struct {
	Line, Column int
	Message      string
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
	return &SyntaxError{Line: line, Column: column, Message: f.message}
}

// place gives line and column, from 1, of an offset, the slow way.
func place(src []byte, at int) (line, column int) {
	before := src[:min(at, len(src))]
	return bytes.Count(before, []byte("\n")) + 1, utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:]) + 1
}
