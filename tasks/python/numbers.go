package python

import "bytes"

// most is how many digits CPython reads in a decimal number.
const most = 4300

// number reads a number that starts with a digit.
func (t *tokenizer) number() {
	start := t.at
	if t.src[t.at] == '0' {
		switch t.peek(1) | 0x20 {
		case 'x':
			t.radix("hexadecimal", isHex)
		case 'o':
			t.radix("octal", func(c byte) bool { return c >= '0' && c <= '7' })
		case 'b':
			t.radix("binary", func(c byte) bool { return c == '0' || c == '1' })
		default:
			t.zero()
		}
	} else {
		t.digits()
		t.fractional(start)
	}
	t.emit(number, start, t.at)
}

// fractional reads what may follow the digits of a decimal number: a point with more digits, an exponent, the j of an imaginary one.
func (t *tokenizer) fractional(start int) {
	whole := t.peek(0) != '.'
	if !whole {
		t.at++
		if classes[t.peek(0)] == digit {
			t.digits()
		}
	}
	switch {
	case t.peek(0)|0x20 == 'e':
		t.exponent()
	case whole && t.at-start > most && t.peek(0)|0x20 != 'j' && len(bytes.ReplaceAll(t.src[start:t.at], []byte("_"), nil)) > most:
		t.fail(start, "Exceeds the limit (%d digits) for integer string conversion", most)
	default:
		t.ended()
	}
}

func (t *tokenizer) exponent() {
	size := 1
	if c := t.peek(1); c == '+' || c == '-' {
		size = 2
	}
	switch {
	case classes[t.peek(size)] == digit:
		t.at += size
		t.digits()
		t.ended()
	case size == 2:
		t.fail(t.at+1, "invalid decimal literal")
	default:
		t.bounded("decimal") // 1else is a number and a word
	}
}

// ended reads the end of a decimal number.
func (t *tokenizer) ended() {
	noun := "decimal"
	if t.peek(0)|0x20 == 'j' {
		t.at++
		noun = "imaginary"
	}
	t.bounded(noun)
}

// zero reads a decimal number that starts with 0: more digits are allowed only when they are zeros, or a fraction follows.
func (t *tokenizer) zero() {
	start := t.at
	t.digits()
	switch t.peek(0) {
	case '.', 'e', 'E', 'j', 'J':
		t.fractional(start)
		return
	}
	for _, c := range t.src[start:t.at] {
		if c != '0' && c != '_' {
			t.fail(start, "leading zeros in decimal integer literals are not permitted; use an 0o prefix for octal integers")
		}
	}
	t.bounded("decimal")
}

// digits reads digits with single underscores between them.
func (t *tokenizer) digits() {
	for {
		for classes[t.peek(0)] == digit {
			t.at++
		}
		if t.peek(0) != '_' {
			return
		}
		if classes[t.peek(1)] != digit {
			t.fail(t.at, "invalid decimal literal")
		}
		t.at++
	}
}

// radix reads the groups of digits behind 0x, 0o or 0b.
func (t *tokenizer) radix(noun string, legal func(byte) bool) {
	t.at += 2
	for more := true; more; more = t.peek(0) == '_' {
		if t.peek(0) == '_' {
			t.at++
		}
		from := t.at
		for legal(t.peek(0)) {
			t.at++
		}
		switch c := t.peek(0); {
		case classes[c] == digit:
			t.fail(t.at, "invalid digit '%c' in %s literal", c, noun)
		case t.at == from:
			t.fail(t.at-1, "invalid %s literal", noun)
		}
	}
	t.bounded(noun)
}

func isHex(c byte) bool {
	return c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'f'
}

// bounded checks what stands right behind a number: no letter, unless it starts one of the words that CPython still lets follow.
func (t *tokenizer) bounded(noun string) {
	if classes[t.peek(0)] != letter {
		return
	}
	rest := t.src[t.at:]
	for _, word := range [...]string{"and", "else", "for", "if", "in", "is", "or", "not"} {
		if len(rest) >= len(word) && string(rest[:len(word)]) == word {
			return
		}
	}
	t.fail(t.at-1, "invalid %s literal", noun)
}
