package python

// singles are the operators of one character that no longer one starts with.
//
//nolint:gochecknoglobals // a table, never written to
var singles = [256]kind{
	'(': leftParen, ')': rightParen, '[': leftBracket, ']': rightBracket, '{': leftBrace, '}': rightBrace, ',': comma, ';': semicolon, '~': tilde,
}

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
	case k != 0:
	default:
		k, size = t.spelled(c)
	}
	t.emit(k, t.at, t.at+size)
	t.at += size
}

// peek gives the character behind the one here.
func (t *tokenizer) peek(n int) byte {
	if t.at+n < len(t.src) {
		return t.src[t.at+n]
	}
	return 0
}

// spelled gives an operator that is not among the singles, and its length.
func (t *tokenizer) spelled(c byte) (kind, int) {
	switch c {
	case '.':
		return t.dot()
	case ':':
		return t.or(colon, walrus)
	case '=':
		return t.or(assign, comparison)
	case '!':
		return t.or(bang, comparison)
	case '-':
		if t.peek(1) == '>' {
			return arrow, 2
		}
		return t.or(minus, augmented)
	case '+':
		return t.or(plus, augmented)
	case '@':
		return t.or(at, augmented)
	case '*':
		return t.doubled(c, star, doubleStar)
	case '/':
		return t.doubled(c, arithmetic, arithmetic)
	case '<', '>':
		if c == '<' && t.peek(1) == '>' {
			return strange, 2 // the old spelling of !=
		}
		if t.peek(1) == '=' {
			return comparison, 2
		}
		return t.doubled(c, comparison, arithmetic)
	default: // % & | ^
		return t.or(arithmetic, augmented)
	}
}

// or gives the longer operator when an equals sign follows.
func (t *tokenizer) or(short, long kind) (kind, int) {
	if t.peek(1) == '=' {
		return long, 2
	}
	return short, 1
}

// doubled reads the operators that may be doubled, and followed by an equals sign.
func (t *tokenizer) doubled(c byte, once, twice kind) (kind, int) {
	size, k := 1, once
	if t.peek(1) == c {
		size, k = 2, twice
	}
	if t.peek(size) == '=' {
		return augmented, size + 1
	}
	return k, size
}

func (t *tokenizer) dot() (kind, int) {
	switch c := t.peek(1); {
	case classes[c] == digit:
		start := t.at
		t.fraction()
		size := t.at - start
		t.at = start
		return number, size
	case c == '.' && t.peek(2) == '.':
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
