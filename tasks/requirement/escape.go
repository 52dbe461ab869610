package requirement

import (
	"strconv"
	"strings"
	"unicode"
)

// unescaped gives what a text between quotes is in Python. ok is false for what Python refuses, and for names of characters (\N{…}).
func unescaped(text string) (out string, ok bool) {
	if strings.ContainsAny(text, "\n\r\x00") {
		return "", false
	}
	if !strings.Contains(text, `\`) {
		return text, true
	}
	var b strings.Builder
	for rest := text; rest != ""; {
		before, after, escaped := strings.Cut(rest, `\`)
		b.WriteString(before)
		if !escaped {
			break
		}
		r, length, fine := escape(after)
		if !fine {
			return "", false
		}
		if length == 0 { // none that Python knows
			b.WriteByte('\\')
		} else {
			b.WriteRune(r)
		}
		rest = after[length:]
	}
	return b.String(), true
}

// escape reads what stands behind a backslash, and gives how long it is; 0 for what is no escape.
func escape(text string) (r rune, length int, ok bool) {
	if text == "" {
		return 0, 0, false
	}
	if i := strings.IndexByte(`\'"abfnrtv`, text[0]); i >= 0 {
		return rune("\\'\"\a\b\f\n\r\t\v"[i]), 1, true
	}
	var digits int
	switch text[0] {
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	case 'N':
		return 0, 0, false
	default:
		return octal(text)
	}
	if len(text) < 1+digits {
		return 0, 0, false
	}
	n, err := strconv.ParseInt(text[1:1+digits], 16, 32)
	return rune(n), 1 + digits, err == nil && n <= unicode.MaxRune && !strings.ContainsAny(text[1:1+digits], "+-_")
}

// octal reads one to three digits; what begins otherwise is no escape.
func octal(text string) (r rune, length int, ok bool) {
	for length < 3 && length < len(text) && text[length] >= '0' && text[length] <= '7' {
		length++
	}
	if length == 0 {
		return 0, 0, true
	}
	n, err := strconv.ParseInt(text[:length], 8, 32)
	return rune(n), length, err == nil
}
