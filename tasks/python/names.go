package python

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// identifier gives a name's text in Python's normal form: names are compared after NFKC.
func identifier(s string) string {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return norm.NFKC.String(s)
		}
	}
	return s
}

// head gives the part of a dotted name before its first dot.
func head(dotted string) string {
	first, _, _ := strings.Cut(dotted, ".")
	return first
}
