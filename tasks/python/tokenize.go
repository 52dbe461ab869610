package python

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Limits as CPython has them.
const (
	deepestBrackets = 200
	deepestIndent   = 100
)

// tokenizer turns source into tokens, all at once. Its methods panic with *SyntaxError, which the package's entry points catch.
type tokenizer struct {
	src      *source
	at       int
	tokens   []token
	brackets []int // offsets of the open brackets
	indents  []column
}

// column is how far a line is indented, with tabs to the next multiple of eight and, to detect mixtures, with tabs as one.
type column struct{ wide, narrow int }

func tokenize(src *source, nested bool) []token {
	t := &tokenizer{src: src}
	if nested {
		t.expression()
	} else {
		t.indents = []column{{}}
		t.module()
	}
	t.emit(end, len(src.text), len(src.text))
	return t.tokens
}

func (t *tokenizer) emit(k kind, start, end int) {
	t.tokens = append(t.tokens, token{k, start, end})
}

func (t *tokenizer) module() {
	for t.at < len(t.src.text) {
		t.line()
	}
	if len(t.brackets) > 0 {
		open := t.brackets[len(t.brackets)-1]
		panic(t.src.fail(open, "'"+t.src.text[open:open+1]+"' was never closed"))
	}
	if n := len(t.tokens); n > 0 && t.tokens[n-1].kind != newline && t.tokens[n-1].kind != dedent {
		t.emit(newline, t.at, t.at)
	}
	for range len(t.indents) - 1 {
		t.emit(dedent, t.at, t.at)
	}
}

// expression tokenizes text as if it stood in brackets, where lines don't count.
func (t *tokenizer) expression() {
	for t.at < len(t.src.text) {
		if !t.blank() {
			t.one()
		}
	}
}

// line reads one physical line that starts a logical one.
func (t *tokenizer) line() {
	start := t.at
	c := t.indentation()
	if t.at >= len(t.src.text) {
		return
	}
	if ch := t.src.text[t.at]; ch == '\n' || ch == '#' {
		t.skipLine()
		return
	}
	t.level(c, start)
	for t.at < len(t.src.text) {
		if t.blank() {
			continue
		}
		if t.src.text[t.at] == '\n' {
			if t.at++; len(t.brackets) == 0 {
				t.emit(newline, t.at-1, t.at)
				return
			}
			continue
		}
		t.one()
	}
}

func (t *tokenizer) indentation() column {
	var c column
	for ; t.at < len(t.src.text); t.at++ {
		switch t.src.text[t.at] {
		case ' ':
			c.wide++
			c.narrow++
		case '\t':
			c.wide = c.wide/8*8 + 8
			c.narrow++
		case '\f':
			c = column{}
		default:
			return c
		}
	}
	return c
}

// level compares a line's indentation with the ones before.
func (t *tokenizer) level(c column, start int) {
	top := t.indents[len(t.indents)-1]
	if (c.wide == top.wide) != (c.narrow == top.narrow) || (c.wide > top.wide) != (c.narrow > top.narrow) {
		panic(t.src.fail(start, "inconsistent use of tabs and spaces in indentation"))
	}
	if c.wide > top.wide {
		if len(t.indents) >= deepestIndent {
			panic(t.src.fail(start, "too many levels of indentation"))
		}
		t.indents = append(t.indents, c)
		t.emit(indent, start, t.at)
		return
	}
	for c.wide < t.indents[len(t.indents)-1].wide {
		t.indents = t.indents[:len(t.indents)-1]
		t.emit(dedent, t.at, t.at)
	}
	if c != t.indents[len(t.indents)-1] {
		panic(t.src.fail(t.at, "unindent does not match any outer indentation level"))
	}
}

func (t *tokenizer) skipLine() {
	if i := strings.IndexByte(t.src.text[t.at:], '\n'); i >= 0 {
		t.at += i + 1
		return
	}
	t.at = len(t.src.text)
}

// blank skips white space, comments and joined lines; it tells whether there was something to skip.
func (t *tokenizer) blank() bool {
	s := t.src.text
	switch c := s[t.at]; {
	case c == ' ' || c == '\t' || c == '\f':
		t.at++
	case c == '\n' && (len(t.brackets) > 0 || t.indents == nil):
		t.at++
	case c == '#':
		for t.at < len(s) && s[t.at] != '\n' {
			t.at++
		}
	case c == '\\':
		if t.at+1 >= len(s) || s[t.at+1] != '\n' {
			panic(t.src.fail(t.at+1, "unexpected character after line continuation character"))
		}
		if t.at += 2; t.at >= len(s) {
			panic(t.src.fail(t.at-2, "unexpected EOF while parsing"))
		}
	default:
		return false
	}
	return true
}

// one reads one name, number, string or operator.
func (t *tokenizer) one() {
	s, start := t.src.text, t.at
	r, _ := utf8.DecodeRuneInString(s[t.at:])
	switch {
	case t.stringStart() >= 0:
		t.literal()
		t.emit(text, start, t.at)
	case startsName(r):
		for t.at < len(s) {
			r, size := utf8.DecodeRuneInString(s[t.at:])
			if !continuesName(r) {
				break
			}
			t.at += size
		}
		t.emit(name, start, t.at)
	case isDigit(s[t.at]) || s[t.at] == '.' && t.at+1 < len(s) && isDigit(s[t.at+1]):
		t.number()
		t.emit(number, start, t.at)
	case s[t.at] == '\n':
		t.at++ // inside an expression's text
	default:
		t.operator()
	}
}

func startsName(r rune) bool {
	return r == '_' || r < utf8.RuneSelf && (r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z') ||
		r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.Is(unicode.Nl, r) || unicode.Is(unicode.Other_ID_Start, r))
}

func continuesName(r rune) bool {
	return startsName(r) || r < utf8.RuneSelf && r >= '0' && r <= '9' ||
		r >= utf8.RuneSelf && (unicode.In(r, unicode.Mn, unicode.Mc, unicode.Nd, unicode.Pc, unicode.Other_ID_Continue))
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// operator reads the longest operator, and keeps account of brackets.
func (t *tokenizer) operator() {
	s, start := t.src.text, t.at
	for _, size := range []int{3, 2, 1} {
		if t.at+size > len(s) {
			continue
		}
		op := s[t.at : t.at+size]
		if strings.Contains(op, " ") || !strings.Contains(operators, " "+op+" ") {
			continue
		}
		t.at += size
		switch op {
		case "(", "[", "{":
			if len(t.brackets) >= deepestBrackets {
				panic(t.src.fail(start, "too many nested parentheses"))
			}
			t.brackets = append(t.brackets, start)
		case ")", "]", "}":
			t.closes(start)
		}
		t.emit(operator, start, t.at)
		return
	}
	r, _ := utf8.DecodeRuneInString(s[t.at:])
	panic(t.src.fail(start, "invalid character '"+string(r)+"'"))
}

const operators = " ( ) [ ] { } , : . ; @ = -> += -= *= /= //= %= @= &= |= ^= >>= <<= **= + - * ** / // % << >> & | ^ ~ := < > <= >= == != ... "

func (t *tokenizer) closes(at int) {
	closing := t.src.text[at]
	if len(t.brackets) == 0 {
		panic(t.src.fail(at, "unmatched '"+string(closing)+"'"))
	}
	open := t.src.text[t.brackets[len(t.brackets)-1]]
	if pairs := "()[]{}"; pairs[strings.IndexByte(pairs, open)+1] != closing {
		panic(t.src.fail(at, "closing parenthesis '"+string(closing)+"' does not match opening parenthesis '"+string(open)+"'"))
	}
	t.brackets = t.brackets[:len(t.brackets)-1]
}

// number reads an integer, float or imaginary literal.
func (t *tokenizer) number() {
	s, start := t.src.text, t.at
	if s[t.at] == '0' && t.at+1 < len(s) && strings.IndexByte("xXoObB", s[t.at+1]) >= 0 {
		t.at += 2
		for t.at < len(s) && (isHex(s[t.at]) || s[t.at] == '_') {
			t.at++
		}
	} else {
		t.digits()
		if t.at < len(s) && s[t.at] == '.' {
			t.at++
			t.digits()
		}
		if t.exponent() {
			t.digits()
		}
		if t.at < len(s) && (s[t.at] == 'j' || s[t.at] == 'J') {
			t.at++
		}
	}
	literal := s[start:t.at]
	if strings.HasSuffix(literal, "_") || strings.Contains(literal, "__") {
		panic(t.src.fail(start, "invalid decimal literal"))
	}
	if digits := strings.ReplaceAll(literal, "_", ""); len(digits) > 1 && digits[0] == '0' && strings.Trim(digits, "0123456789") == "" &&
		strings.Trim(digits, "0") != "" {
		panic(t.src.fail(start, "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers"))
	}
	if r, _ := utf8.DecodeRuneInString(s[t.at:]); t.at < len(s) && startsName(r) && !t.operatorWord() {
		panic(t.src.fail(t.at, "invalid decimal literal"))
	}
}

func (t *tokenizer) digits() {
	for t.at < len(t.src.text) && (isDigit(t.src.text[t.at]) || t.src.text[t.at] == '_') {
		t.at++
	}
}

func (t *tokenizer) exponent() bool {
	rest := t.src.text[t.at:]
	if rest == "" || rest[0] != 'e' && rest[0] != 'E' {
		return false
	}
	skip := 1
	if len(rest) > 1 && (rest[1] == '+' || rest[1] == '-') {
		skip = 2
	}
	if len(rest) <= skip || !isDigit(rest[skip]) {
		return false
	}
	t.at += skip
	return true
}

func isHex(c byte) bool { return isDigit(c) || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F' }

func (t *tokenizer) word(w string) bool { return strings.HasPrefix(t.src.text[t.at:], w) }

// operatorWord tells whether a word follows that may stand right behind a number, as in `1if x else 2`.
func (t *tokenizer) operatorWord() bool {
	return slices.ContainsFunc([]string{"and", "or", "if", "else", "in", "is", "not", "for"}, t.word)
}
