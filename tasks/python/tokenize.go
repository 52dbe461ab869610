package python

import (
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
	tokens   []sourceToken
	brackets []bracket
	indents  []indentColumn
	comment  int          // where the last comment starts; the end of its line is there for CPython
	comments func(at int) // hears where each comment starts; nil: nobody asks
	strings  int          // f-strings around this place
	specs    int          // format specifications around it, within the innermost f-string
}

// bracket is an open bracket: the character and where it stands. That of a field has its f-string's quote.
type bracket struct {
	char byte
	at   int
}

// indentColumn is how far a line is indented, with tabs to the next multiple of eight and, to detect mixtures, with tabs as one.
type indentColumn struct{ wide, narrow int }

// run tokenizes a module. What it returns is an error that still has to be weighed against those of the grammar; the token at
// its place is of kind broken.
func (t *tokenizer) run(src []byte) (stop *failure) {
	t.begin(src)
	defer func() {
		if stop != nil {
			t.emit(broken, stop.at, stop.at)
		}
		t.emit(endOfFile, len(src), len(src))
	}()
	defer catch(&stop)
	for t.at < len(src) {
		t.line()
	}
	if n := len(t.tokens); n > 0 && t.tokens[n-1].kind != newline && t.tokens[n-1].kind != dedent && len(t.brackets) == 0 {
		t.endLine(t.at)
	}
	for range len(t.indents) - 1 {
		t.emit(dedent, t.at, t.at)
	}
	return nil
}

// fragment tokenizes an expression that stands alone; line ends don't count in it.
func (t *tokenizer) fragment(src []byte) (stop *failure) {
	t.begin(src)
	defer func() { t.emit(endOfFile, len(src), len(src)) }()
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
	t.src, t.at, t.comment, t.strings, t.specs = src, 0, -1, 0, 0
	t.tokens, t.brackets, t.indents = t.tokens[:0], t.brackets[:0], append(t.indents[:0], indentColumn{})
}

func (t *tokenizer) emit(k kind, start, end int) {
	t.tokens = append(t.tokens, sourceToken{kind: k, start: int32(start), end: int32(end)}) //nolint:gosec // sources are smaller than 2 GiB
}

// endLine emits the end of a logical line, which is at an offset, or at the comment in front of that.
func (t *tokenizer) endLine(at int) {
	start := at
	if last := len(t.tokens) - 1; last >= 0 && t.comment >= int(t.tokens[last].end) {
		start = t.comment
	}
	t.emit(newline, start, t.at)
}

// hear tells of a comment.
func (t *tokenizer) hear(at int) {
	if t.comments != nil {
		t.comments(at)
	}
}

// fail stops at an offset, with an error that wins over those of the grammar.
func (t *tokenizer) fail(at int, format string, args ...any) {
	panic(&failure{at: at, message: fmt.Sprintf(format, args...), firm: true})
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
	case quoteClass:
		t.literal(t.at)
	default:
		switch {
		case c == '#':
			t.hear(t.at)
			t.comment, t.at = t.at, lineEnd(t.src, t.at)
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
	k, s := nameToken, softKeyword(0)
	if i-start <= lane {
		k, s = keywordOf(lettersOf(src[start:i]))
	}
	t.tokens = append(t.tokens, sourceToken{kind: k, soft: s, start: int32(start), end: int32(i)}) //nolint:gosec // see emit
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
	t.emit(nameToken, start, i)
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
