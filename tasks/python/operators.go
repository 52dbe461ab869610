package python

// singles are the operators of one character.
//
//nolint:gochecknoglobals // a table, never written to
var singles = [256]kind{
	'(': leftParen, ')': rightParen, '[': leftBracket, ']': rightBracket, '{': leftBrace, '}': rightBrace, ',': comma, ';': semicolon, '~': tilde,
	'.': dot, ':': colon, '=': assign, '!': bang, '-': minus, '+': plus, '@': atSign, '*': star, '/': arithmetic, '%': arithmetic, '&': arithmetic,
	'|': arithmetic, '^': arithmetic, '<': comparison, '>': comparison,
}

// The bits say which characters behind an operator may make a longer one of it.
const (
	withEqual uint8 = 1 << iota
	withStar
	withSlash
	withLess
	withGreater
	withDot
	withDigit
)

// grows has what an operator grows by, grown what a character makes others grow by.
//
//nolint:gochecknoglobals // tables, never written to
var (
	grows = [256]uint8{
		'.': withDot | withDigit, ':': withEqual, '=': withEqual, '!': withEqual, '-': withEqual | withGreater, '+': withEqual, '@': withEqual,
		'*': withEqual | withStar, '/': withEqual | withSlash, '%': withEqual, '&': withEqual, '|': withEqual, '^': withEqual,
		'<': withEqual | withLess | withGreater, '>': withEqual | withGreater,
	}
	grown = [256]uint8{
		'=': withEqual, '*': withStar, '/': withSlash, '<': withLess, '>': withGreater, '.': withDot,
		'0': withDigit, '1': withDigit, '2': withDigit, '3': withDigit, '4': withDigit, '5': withDigit, '6': withDigit, '7': withDigit,
		'8': withDigit, '9': withDigit,
	}
)

// operator reads an operator or a bracket.
func (t *tokenizer) operator(c byte) {
	k, size := singles[c], 1
	switch {
	case k >= leftParen && k <= rightBrace:
		if c == '(' || c == '[' || c == '{' {
			t.open(c)
		} else {
			t.close(c)
		}
	case grows[c]&grown[t.peek(1)] != 0:
		k, size = t.longer(c)
	}
	t.emit(k, t.at, t.at+size)
	t.at += size
}

// peek gives the character behind the one here.
func (t *tokenizer) peek(n int) byte { return t.peekAt(t.at + n) }

// longer gives an operator of two or three characters and its length, or a number that starts with a point.
func (t *tokenizer) longer(c byte) (kind, int) {
	following := t.peek(1)
	switch {
	case c == '.':
		return t.points()
	case following == c && c != '=': // ** // << >>
		if t.peek(2) == '=' {
			return augmented, 3
		}
		if c == '*' {
			return doubleStar, 2
		}
		return arithmetic, 2
	case c == ':':
		return walrus, 2
	case c == '=' || c == '!' || following == '=' && (c == '<' || c == '>'):
		return comparison, 2
	case c == '<':
		return strange, 2 // the old spelling of !=
	case following == '>':
		return arrow, 2
	default:
		return augmented, 2
	}
}

// points reads ... or a fraction.
func (t *tokenizer) points() (kind, int) {
	switch c := t.peek(1); {
	case classes[c] == digit:
		start := t.at
		t.fractional(start)
		size := t.at - start
		t.at = start
		return number, size
	case t.peek(2) == '.':
		return ellipsis, 3
	default:
		return dot, 1
	}
}

func (t *tokenizer) open(c byte) {
	if len(t.brackets) >= deepestBrackets {
		t.fail(t.at, "too many nested parentheses")
	}
	t.brackets = append(t.brackets, bracket{c, t.at})
}

func (t *tokenizer) close(c byte) {
	prefix := ""
	if t.strings > 0 {
		prefix = "f-string: "
	}
	if len(t.brackets) == 0 {
		t.fail(t.at, "unmatched '%c'", c)
	}
	top := t.brackets[len(t.brackets)-1]
	if top.char != opener(c) {
		if top.char == inField {
			t.fail(t.at, "%sunmatched '%c'", prefix, c)
		}
		line, _ := place(t.src, top.at)
		if here, _ := place(t.src, t.at); here != line {
			t.fail(t.at, "%sclosing parenthesis '%c' does not match opening parenthesis '%c' on line %d", prefix, c, top.char, line)
		}
		t.fail(t.at, "%sclosing parenthesis '%c' does not match opening parenthesis '%c'", prefix, c, top.char)
	}
	t.brackets = t.brackets[:len(t.brackets)-1]
}

func opener(closer byte) byte {
	switch closer {
	case ')':
		return '('
	case ']':
		return '['
	default:
		return '{'
	}
}
