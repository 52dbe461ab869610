package python

import (
	"bytes"
	"fmt"
	"unicode"
	"unicode/utf8"
)

// Limits as CPython has them.
const (
	deepestBrackets = 200
	deepestIndent   = 100
	deepestStrings  = 150
	deepestSpecs    = 2
)

// tokenizer turns source into tokens, all at once, into slices that it keeps for the next file.
type tokenizer struct {
	src      []byte
	at       int
	tokens   []token
	brackets []bracket
	indents  []column
	strings  int // f-strings around this place
	specs    int // format specifications around it, within the innermost f-string
}

// bracket is an open bracket: the character and where it stands. That of a field has its f-string's quote.
type bracket struct {
	char byte
	at   int
}

// column is how far a line is indented, with tabs to the next multiple of eight and, to detect mixtures, with tabs as one.
type column struct{ wide, narrow int }

// run tokenizes a module. What it returns is an error that still has to be weighed against those of the grammar; the token at
// its place is of kind broken.
func (t *tokenizer) run(src []byte) (stop *failure) {
	t.begin(src)
	defer func() {
		if stop != nil {
			t.emit(broken, stop.at, stop.at)
		}
		t.emit(end, len(src), len(src))
	}()
	defer catch(&stop)
	for t.at < len(src) {
		t.line()
	}
	if n := len(t.tokens); n > 0 && t.tokens[n-1].kind != newline && t.tokens[n-1].kind != dedent && len(t.brackets) == 0 {
		t.emit(newline, t.at, t.at)
	}
	for range len(t.indents) - 1 {
		t.emit(dedent, t.at, t.at)
	}
	return nil
}

// fragment tokenizes an expression that stands alone; line ends don't count in it.
func (t *tokenizer) fragment(src []byte) (stop *failure) {
	t.begin(src)
	defer func() { t.emit(end, len(src), len(src)) }()
	defer catch(&stop)
	for t.at < len(src) {
		t.inline()
		if t.at < len(src) && src[t.at] == '\n' {
			t.at++
		}
	}
	return nil
}

func (t *tokenizer) begin(src []byte) {
	t.src, t.at, t.strings, t.specs = src, 0, 0, 0
	t.tokens, t.brackets, t.indents = t.tokens[:0], t.brackets[:0], append(t.indents[:0], column{})
}

func (t *tokenizer) emit(k kind, start, end int) {
	t.tokens = append(t.tokens, token{kind: k, start: int32(start), end: int32(end)}) //nolint:gosec // sources are smaller than 2 GiB
}

// fail stops at an offset, with an error that wins over those of the grammar.
func (t *tokenizer) fail(at int, format string, args ...any) {
	panic(&failure{at: at, message: fmt.Sprintf(format, args...), firm: true})
}

// line reads one logical line, or skips one without tokens.
func (t *tokenizer) line() {
	c, ok := t.indentation()
	if !ok {
		return
	}
	t.level(c)
	for {
		t.inline()
		if t.at >= len(t.src) {
			return
		}
		t.at++ // the end of the line
		if len(t.brackets) == 0 {
			t.emit(newline, t.at-1, t.at)
			return
		}
	}
}

// indentation measures a line's start. A line that is blank or only a comment is skipped; ok is false then.
func (t *tokenizer) indentation() (c column, ok bool) {
	continued, first := false, column{}
	for t.at < len(t.src) && t.src[t.at] == ' ' { // nearly always all there is
		t.at++
		c.wide++
	}
	c.narrow = c.wide
	for ; t.at < len(t.src); t.at++ {
		switch t.src[t.at] {
		case ' ':
			c.wide++
			c.narrow++
		case '\t':
			c.wide = c.wide/8*8 + 8
			c.narrow++
		case '\f':
			c = column{}
		case '\\': // the first line's column counts
			if t.at+1 < len(t.src) && t.src[t.at+1] == '\n' {
				if !continued {
					continued, first = true, c
				}
				c = column{}
				t.at++
				continue
			}
			return t.measured(c, continued, first), true
		case '\n':
			t.at++
			return c, false
		case '#':
			if i := bytes.IndexByte(t.src[t.at:], '\n'); i >= 0 {
				t.at += i + 1
			} else {
				t.at = len(t.src)
			}
			return c, false
		default:
			return t.measured(c, continued, first), true
		}
	}
	return c, false
}

func (*tokenizer) measured(c column, continued bool, first column) column {
	if continued {
		return first
	}
	return c
}

// level compares a line's indentation with the ones before.
func (t *tokenizer) level(c column) {
	top := t.indents[len(t.indents)-1]
	switch {
	case c.wide == top.wide:
		if c.narrow != top.narrow {
			t.misindented("inconsistent use of tabs and spaces in indentation", 1)
		}
	case c.wide > top.wide:
		if len(t.indents) >= deepestIndent {
			t.misindented("too many levels of indentation", 1)
		}
		if c.narrow <= top.narrow {
			t.misindented("inconsistent use of tabs and spaces in indentation", 1)
		}
		t.indents = append(t.indents, c)
		t.emit(indent, t.at, t.at)
	default:
		before := len(t.tokens)
		for c.wide < t.indents[len(t.indents)-1].wide {
			t.indents = t.indents[:len(t.indents)-1]
			t.emit(dedent, t.at, t.at)
		}
		top = t.indents[len(t.indents)-1]
		if c.wide != top.wide {
			rest := t.src[t.at:]
			if i := bytes.IndexByte(rest, '\n'); i >= 0 {
				rest = rest[:i]
			}
			_, column := place(t.src, t.at+len(rest))
			t.tokens = t.tokens[:before]
			t.misindented("unindent does not match any outer indentation level", column)
		}
		if c.narrow != top.narrow {
			t.tokens = t.tokens[:before]
			t.misindented("inconsistent use of tabs and spaces in indentation", 1)
		}
	}
}

// misindented stops with an error that an earlier one of the grammar wins over.
func (t *tokenizer) misindented(message string, column int) {
	panic(&failure{at: t.at, message: message, column: column})
}

// The classes of ASCII characters.
const (
	other uint8 = iota
	blank
	letter
	digit
	operator
)

//nolint:gochecknoglobals // a table, never written to
var classes = [256]uint8{
	' ': blank, '\t': blank, '\f': blank,
	'0': digit, '1': digit, '2': digit, '3': digit, '4': digit, '5': digit, '6': digit, '7': digit, '8': digit, '9': digit,
	'a': letter, 'b': letter, 'c': letter, 'd': letter, 'e': letter, 'f': letter, 'g': letter, 'h': letter, 'i': letter, 'j': letter,
	'k': letter, 'l': letter, 'm': letter, 'n': letter, 'o': letter, 'p': letter, 'q': letter, 'r': letter, 's': letter, 't': letter,
	'u': letter, 'v': letter, 'w': letter, 'x': letter, 'y': letter, 'z': letter, '_': letter,
	'A': letter, 'B': letter, 'C': letter, 'D': letter, 'E': letter, 'F': letter, 'G': letter, 'H': letter, 'I': letter, 'J': letter,
	'K': letter, 'L': letter, 'M': letter, 'N': letter, 'O': letter, 'P': letter, 'Q': letter, 'R': letter, 'S': letter, 'T': letter,
	'U': letter, 'V': letter, 'W': letter, 'X': letter, 'Y': letter, 'Z': letter,
	'(': operator, ')': operator, '[': operator, ']': operator, '{': operator, '}': operator, ',': operator, ':': operator, ';': operator,
	'.': operator, '-': operator, '+': operator, '*': operator, '/': operator, '%': operator, '&': operator, '|': operator, '^': operator,
	'~': operator, '@': operator, '=': operator, '<': operator, '>': operator, '!': operator,
}

// inNames are the ASCII characters that go on in a name, and inQuotes all that go on in a string.
//
//nolint:gochecknoglobals // tables, never written to
var inNames, inQuotes = func() (names, quotes [256]bool) {
	for c := range classes {
		names[c] = classes[c] == letter || classes[c] == digit
		quotes[c] = c != '"' && c != '\'' && c != '\\' && c != '\n'
	}
	return names, quotes
}()

// inline reads tokens up to the end of the physical line, or, with brackets open, of the source. Plain names, operators and blanks, which
// nearly all tokens are, it reads itself, with its state in variables of its own; the rest goes to one.
func (t *tokenizer) inline() {
	src, i, tokens := t.src, t.at, t.tokens
	for i < len(src) {
		c := src[i]
		var k kind
		var s soft
		end := i + 1
		switch classes[c] {
		case blank:
			i++
			continue
		case letter:
			for end < len(src) && inNames[src[end]] {
				end++
			}
			if end < len(src) && (src[end] >= utf8.RuneSelf || src[end] == '"' || src[end] == '\'') {
				break // slowly
			}
			k = name
			if end-i <= 8 && leads[c] {
				k, s = word(src[i:end])
			}
		case operator:
			k = t.short(c, i)
		default:
			if c == '\n' {
				t.at, t.tokens = i, tokens
				return
			}
		}
		if k == 0 {
			t.at, t.tokens = i, tokens
			t.one(c)
			i, tokens = t.at, t.tokens
			continue
		}
		tokens = append(tokens, token{kind: k, soft: s, start: int32(i), end: int32(end)}) //nolint:gosec // see emit
		i = end
	}
	t.at, t.tokens = i, tokens
}

// short gives the operator of one character at i, or 0 for what needs a closer look. It counts brackets that fit.
func (t *tokenizer) short(c byte, i int) kind {
	k := singles[c]
	following := byte(0)
	if i+1 < len(t.src) {
		following = t.src[i+1]
	}
	switch {
	case k == leftParen || k == leftBracket || k == leftBrace:
		if len(t.brackets) >= deepestBrackets {
			return 0
		}
		t.brackets = append(t.brackets, bracket{c, i})
	case k == rightParen || k == rightBracket || k == rightBrace:
		n := len(t.brackets) - 1
		if n < 0 || t.brackets[n].char != opener(c) {
			return 0
		}
		t.brackets = t.brackets[:n]
	case k != 0:
	case c == '.' && classes[following] == letter:
		return dot
	case c == '=' && following != '=':
		return assign
	case c == ':' && following != '=':
		return colon
	}
	return k
}

// one reads a token, or what is none: blanks, a comment, a continued line.
func (t *tokenizer) one(c byte) {
	switch classes[c] {
	case letter:
		t.name()
	case operator:
		t.operator(c)
	case blank:
		t.at++
	case digit:
		t.number()
	default:
		switch {
		case c == '"' || c == '\'':
			t.literal(t.at)
		case c == '#':
			if i := bytes.IndexByte(t.src[t.at:], '\n'); i >= 0 {
				t.at += i
			} else {
				t.at = len(t.src)
			}
		case c == '\\':
			t.continuation()
		case c >= utf8.RuneSelf:
			t.foreignName(t.at)
		default:
			t.stray(c)
		}
	}
}

// name reads an identifier, a reserved word, or the prefix of a string with that string.
func (t *tokenizer) name() {
	src, start, i := t.src, t.at, t.at+1
	for i < len(src) && inNames[src[i]] {
		i++
	}
	if i < len(src) {
		switch c := src[i]; {
		case c >= utf8.RuneSelf:
			t.foreignName(i)
			return
		case (c == '"' || c == '\'') && i-start <= 2 && isPrefix(src[start:i]):
			t.literal(i)
			return
		}
	}
	k, s := name, soft(0)
	if i-start <= 8 && leads[src[start]] {
		k, s = word(src[start:i])
	}
	t.tokens = append(t.tokens, token{kind: k, soft: s, start: int32(start), end: int32(i)}) //nolint:gosec // see emit
	t.at = i
}

// foreignName reads on in an identifier that has characters beyond ASCII, from i.
func (t *tokenizer) foreignName(i int) {
	start := t.at
	for i < len(t.src) {
		r, size := utf8.DecodeRune(t.src[i:])
		if r < utf8.RuneSelf && classes[r] != letter && classes[r] != digit {
			break
		}
		if r >= utf8.RuneSelf && !isNamePart(r, i == start) {
			if unicode.IsPrint(r) {
				t.fail(i, "invalid character '%c' (U+%04X)", r, r)
			}
			t.fail(i, "invalid non-printable character U+%04X", r)
		}
		i += size
	}
	t.emit(name, start, i)
	t.at = i
}

func isNamePart(r rune, first bool) bool {
	if unicode.In(r, unicode.L, unicode.Nl, unicode.Other_ID_Start) {
		return r != 0x037A && r != 0x0E33 && r != 0x0EB3 // their normal forms start with a blank or a mark
	}
	return !first && (unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue))
}

func (t *tokenizer) continuation() {
	switch {
	case t.at+1 >= len(t.src) || t.at+2 >= len(t.src) && t.src[t.at+1] == '\n':
		panic(&failure{at: t.at + 1, message: "unexpected EOF while parsing"})
	case t.src[t.at+1] != '\n':
		panic(&failure{at: t.at + 1, message: "unexpected character after line continuation character"})
	default:
		t.at += 2
	}
}

func (t *tokenizer) stray(c byte) {
	if c < ' ' || c == 0x7f {
		t.fail(t.at, "invalid non-printable character U+%04X", c)
	}
	t.emit(strange, t.at, t.at+1)
	t.at++
}
