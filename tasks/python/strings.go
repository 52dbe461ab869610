package python

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"
)

// inField marks the bracket of a replacement field.
const inField = 'f'

// isPrefix tells whether letters in front of a quote belong to the string.
func isPrefix(p []byte) bool {
	switch strings.ToLower(string(p)) {
	case "r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt":
		return true
	}
	return false
}

// quoted is what the prefix and the opening quote of a string say.
type quoted struct {
	start     int // of the prefix
	quote     []byte
	raw       bool
	formatted kind // fOpen, tOpen, or 0
	bytes     bool
}

// literal reads the string whose prefix starts here and whose opening quote is at i.
func (t *tokenizer) literal(i int) {
	q := quoted{start: t.at, quote: t.src[i : i+1]}
	for _, c := range t.src[t.at:i] {
		switch c | 0x20 {
		case 'r':
			q.raw = true
		case 'b':
			q.bytes = true
		case 'f':
			q.formatted = fOpen
		case 't':
			q.formatted = tOpen
		}
	}
	if t.src[i] == t.peekAt(i+1) && t.src[i] == t.peekAt(i+2) {
		q.quote = t.src[i : i+3]
	}
	t.at = i + len(q.quote)
	if q.formatted != 0 {
		t.formatted(q)
		return
	}
	t.plain(q)
}

func (t *tokenizer) peekAt(i int) byte {
	if i < len(t.src) {
		return t.src[i]
	}
	return 0
}

// plain reads a string without fields up to its closing quote.
func (t *tokenizer) plain(q quoted) {
	first := t.at
	i, escaped := t.closing(q)
	k := textToken
	if q.bytes {
		k = data
		if !isASCII(t.src[first:i]) {
			t.misread(q.start, "bytes can only contain ASCII literal characters")
		}
	}
	if escaped && !q.raw {
		t.escapes(t.src[first:i], q.start, q.bytes)
	}
	t.at = i + len(q.quote)
	t.emit(k, q.start, t.at)
}

// closing finds the closing quote from here on, and tells whether there is a backslash before it.
func (t *tokenizer) closing(q quoted) (at int, escaped bool) {
	src, quote, i := t.src, q.quote[0], t.at
	if len(q.quote) == 1 {
		for ; i < len(src); i++ {
			if inQuotes[src[i]] {
				continue
			}
			if src[i] == quote {
				break
			}
			switch src[i] {
			case '\n':
				t.unterminated(q, i)
			case '\\':
				escaped = true
				i++
			}
		}
		if i >= len(src) {
			t.unterminated(q, i)
		}
		return i, escaped
	}
	for {
		n := bytes.IndexByte(src[min(i, len(src)):], quote)
		if n < 0 {
			t.unterminated(q, len(src))
		}
		if b := bytes.IndexByte(src[i:i+n], '\\'); b >= 0 {
			escaped = true
			i += b + 2
			continue
		}
		i += n
		if t.peekAt(i+1) == quote && t.peekAt(i+2) == quote {
			return i, escaped
		}
		i++
	}
}

// misread stops with an error that CPython finds while it builds a tree: an earlier one of the grammar wins.
func (*tokenizer) misread(at int, message string) {
	panic(&failure{at: at, message: message})
}

func (t *tokenizer) unterminated(q quoted, end int) {
	what := map[kind]string{0: "string", fOpen: "f-string", tOpen: "t-string"}[q.formatted]
	if len(q.quote) == 3 {
		what = "triple-quoted " + what
	}
	line, _ := place(t.src, min(end, len(t.src)))
	t.fail(q.start, "unterminated %s literal (detected at line %d)", what, line)
}

func isASCII[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// escapes checks the escape sequences that can be wrong.
func (t *tokenizer) escapes(s []byte, start int, isBytes bool) {
	for {
		i := bytes.IndexByte(s, '\\')
		if i < 0 || i+1 >= len(s) {
			return
		}
		c := s[i+1]
		s = s[i+2:]
		switch {
		case c == 'x' && !hexDigits(s, 2):
			if isBytes {
				t.misread(start, "(value error) invalid \\x escape")
			}
			t.misread(start, "(unicode error) 'unicodeescape' codec can't decode bytes: truncated \\xXX escape")
		case c == 'u' && !isBytes && !hexDigits(s, 4):
			t.misread(start, "(unicode error) 'unicodeescape' codec can't decode bytes: truncated \\uXXXX escape")
		case c == 'U' && !isBytes && !codePoint(s):
			t.misread(start, "(unicode error) 'unicodeescape' codec can't decode bytes: truncated or illegal \\UXXXXXXXX escape")
		case c == 'N' && !isBytes && !isNamed(s):
			t.misread(start, "(unicode error) 'unicodeescape' codec can't decode bytes: malformed \\N character escape")
		}
	}
}

// codePoint tells whether eight digits up to 0010FFFF stand here.
func codePoint(s []byte) bool {
	return hexDigits(s, 8) && s[0] == '0' && s[1] == '0' && (s[2] == '0' || s[2] == '1' && s[3] == '0')
}

func hexDigits(s []byte, n int) bool {
	return len(s) >= n && !slices.ContainsFunc(s[:n], func(c byte) bool { return !isHex(c) })
}

// isNamed tells whether {NAME} stands here. Whether Unicode knows the name is not checked.
func isNamed(s []byte) bool {
	return bytes.HasPrefix(s, []byte("{")) && bytes.IndexByte(s, '}') > 1
}

// splitLiteral gives a plain literal's prefix in small letters and what stands between its quotes.
func splitLiteral(s string) (prefix, body string) {
	quote := strings.IndexAny(s, `'"`)
	prefix, s = strings.ToLower(s[:quote]), s[quote:]
	size := 1
	if len(s) >= 6 && (strings.HasPrefix(s, `"""`) || strings.HasPrefix(s, `'''`)) {
		size = 3
	}
	return prefix, s[size : len(s)-size]
}
