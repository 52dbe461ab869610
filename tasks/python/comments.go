package python

import (
	"bytes"
	"strings"
	"unicode/utf8"
)

// Comment is one of a source, from its # to the end of its line.
type Comment struct {
	Line, Column int // from 1; the column counts characters
	Text         string
	Alone        bool // nothing stands before it on its line
}

// Comments gives the comments of a source: a # in a string is none. Behind a place that no token can stand at nothing is known.
func Comments(src []byte) []Comment {
	var r Reader
	text, err := r.decode(src)
	if err != nil {
		return nil
	}
	var out []Comment
	line, start := 1, 0 // start is that of the line
	r.tokenizer.comments = func(at int) {
		line += bytes.Count(text[start:at], []byte("\n"))
		start = bytes.LastIndexByte(text[:at], '\n') + 1
		out = append(out, Comment{
			Line: line, Column: utf8.RuneCount(text[start:at]) + 1, Text: strings.TrimRight(string(text[at:lineEnd(text, at)]), "\r"),
			Alone: len(bytes.TrimSpace(text[start:at])) == 0,
		})
	}
	_ = r.tokenizer.run(text) // what is wrong with it is told by who parses it
	return out
}
