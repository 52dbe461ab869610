package python

import "path"

// At gives the place of an offset of a file that is the script itself.
func At(file string, offset int) Place {
	return Place{File: file, Script: path.Dir(file), Offset: offset}
}

// Check tells whether a source is Python. The error is a *SyntaxError.
func Check(src []byte) error { return new(Reader).Check(src) }
