package python

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// identifier gives a name's text in Python's normal form: names are compared after NFKC.
func identifier(s string) string {
	if isASCII(s) {
		return s
	}
	return norm.NFKC.String(s)
}

// head gives the part of a dotted name before its first dot.
func head(dotted string) string {
	first, _, _ := strings.Cut(dotted, ".")
	return first
}
