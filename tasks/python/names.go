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

// headOf gives the part of a dotted name before its first dot.
func headOf(dotted string) string {
	first, _, _ := strings.Cut(dotted, ".")
	return first
}

// Uses gives the names, with the attributes behind them, that a piece of source uses, such as the body of a function; each as often as it
// stands there. Strings and comments have none, the fields of f-strings do.
func Uses(source string) []string {
	src := []byte(source)
	var t tokenizer
	t.fragment(src)
	var out []string
	for i := 0; i < len(t.tokens); i++ {
		if t.tokens[i].kind != nameToken || i > 0 && t.tokens[i-1].kind == dot {
			continue
		}
		parts := []string{identifier(source[t.tokens[i].start:t.tokens[i].end])}
		for i+2 < len(t.tokens) && t.tokens[i+1].kind == dot && t.tokens[i+2].kind == nameToken {
			i += 2
			parts = append(parts, identifier(source[t.tokens[i].start:t.tokens[i].end]))
		}
		out = append(out, strings.Join(parts, "."))
	}
	return out
}
