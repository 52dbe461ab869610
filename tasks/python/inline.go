package python

import (
	"encoding/binary"
	"unicode/utf8"
)

// The classes of ASCII characters.
const (
	other uint8 = iota
	blank
	letter
	digit
	operator
	quoteClass
	ending
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
	'"': quoteClass, '\'': quoteClass, '\n': ending,
}

// inNames are the ASCII characters that go on in a name, and inQuotes all that go on in a string.
//
//nolint:gochecknoglobals // tables, never written to
var inNames, inQuotes = func() (names, quotes [256]bool) {
	for c := range classes {
		names[c] = classes[c] == letter || classes[c] == digit
		quotes[c] = classes[c] != quoteClass && c != '\\' && c != '\n'
	}
	return names, quotes
}()

// turns are the characters that make something else of a name that they follow: quotes, and letters beyond ASCII.
//
//nolint:gochecknoglobals // a table, never written to
var turns = func() (table [256]bool) {
	for c := range table {
		table[c] = classes[c] == quoteClass || c >= utf8.RuneSelf
	}
	return table
}()

// inline reads tokens up to the end of the physical line. Plain names, operators of one character, short strings and blanks, which nearly
// all tokens are, it reads itself, with its state in variables of its own; the rest, and the last bytes of a source, go to one.
//
//nolint:gocognit // one flat switch; with the names read by a function of their own the tokenizer takes 5 % longer
func (t *tokenizer) inline() {
	src, i, tokens := t.src, t.at, t.tokens
	for i < len(src)-lane {
		c := src[i]
		k, s, end := kind(0), softKeyword(0), i+1
		switch classes[c] {
		case blank:
			i++
			continue
		case letter:
			first := binary.LittleEndian.Uint64(src[i:])
			if n := marked(outside(first)); n < lane {
				end = i + n
				k, s = keywordOf(first & (1<<(8*n&63) - 1))
			} else {
				end = nameEnd(src, i+lane)
				if k = nameToken; end == i+lane {
					k, s = keywordOf(first)
				}
			}
			if end < len(src) && turns[src[end]] {
				k = 0 // slowly
			}
		case operator:
			if grows[c]&grown[src[end]] != 0 {
				break // slowly
			}
			if k = singles[c]; k <= rightBrace {
				k = t.bracket(k, c, i)
			}
		case quoteClass:
			if end = stringEnd(src, i, c); end > 0 {
				k = textToken
			}
		case digit:
			if next := src[end]; !inNames[next] && next != '.' {
				k = number
			}
		case ending:
			t.at, t.tokens = i, tokens
			return
		}
		if k == 0 || end >= len(src) {
			t.at, t.tokens = i, tokens
			t.one(c)
			i, tokens = t.at, t.tokens
			continue
		}
		tokens = append(tokens, sourceToken{kind: k, soft: s, start: int32(i), end: int32(end)}) //nolint:gosec // see emit
		i = end
		if src[end] == ' ' {
			i++
		}
	}
	t.at, t.tokens = i, tokens
	for t.at < len(src) && src[t.at] != '\n' {
		t.one(src[t.at])
	}
}

// bracket gives the kind of a bracket at i, or 0 for one that does not fit. It counts those that do.
func (t *tokenizer) bracket(k kind, c byte, i int) kind {
	switch k {
	case leftParen, leftBracket, leftBrace:
		if len(t.brackets) >= deepestBrackets {
			return 0
		}
		t.brackets = append(t.brackets, bracket{c, i})
	default:
		n := len(t.brackets) - 1
		if n < 0 || t.brackets[n].char != opener(c) {
			return 0
		}
		t.brackets = t.brackets[:n]
	}
	return k
}
