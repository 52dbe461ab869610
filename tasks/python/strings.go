package python

import "strings"

// stringStart gives the length of a string's prefix when a string starts here, else -1.
func (t *tokenizer) stringStart() int {
	s := t.src.text[t.at:]
	for i := 0; i < len(s) && i < 3; i++ {
		if s[i] == '\'' || s[i] == '"' {
			if legalPrefix(strings.ToLower(s[:i])) {
				return i
			}
			return -1
		}
	}
	return -1
}

func legalPrefix(p string) bool {
	switch p {
	case "", "r", "u", "b", "f", "t", "br", "rb", "fr", "rf", "tr", "rt":
		return true
	default:
		return false
	}
}

// literal skips one string literal.
func (t *tokenizer) literal() {
	start := t.at
	prefix := strings.ToLower(t.src.text[t.at : t.at+t.stringStart()])
	t.at += len(prefix)
	quote := t.src.text[t.at : t.at+1]
	if strings.HasPrefix(t.src.text[t.at:], strings.Repeat(quote, 3)) {
		quote = strings.Repeat(quote, 3)
	}
	t.at += len(quote)
	t.body(start, quote, strings.ContainsAny(prefix, "ft"), strings.Contains(prefix, "r"))
}

// body skips a string's content and closing quote. In a formatted string the fields are skipped as expressions, since they may hold
// quotes of the same kind.
func (t *tokenizer) body(start int, quote string, formatted, raw bool) {
	s := t.src.text
	for t.at < len(s) {
		switch c := s[t.at]; {
		case strings.HasPrefix(s[t.at:], quote):
			t.at += len(quote)
			return
		case c == '\\' && formatted && !raw && strings.HasPrefix(s[t.at:], `\N{`):
			t.at += 3
		case c == '\\' && formatted && t.at+1 < len(s) && (s[t.at+1] == '{' || s[t.at+1] == '}'):
			t.at++
		case c == '\\':
			t.at += min(2, len(s)-t.at)
		case c == '\n' && len(quote) == 1:
			panic(t.src.fail(start, "unterminated string literal"))
		case c == '{' && formatted && strings.HasPrefix(s[t.at:], "{{"), c == '}' && formatted && strings.HasPrefix(s[t.at:], "}}"):
			t.at += 2
		case c == '{' && formatted:
			t.field(start, quote, raw)
		case c == '}' && formatted && !t.closesName(raw):
			panic(t.src.fail(t.at, "f-string: single '}' is not allowed"))
		default:
			t.at++
		}
	}
	message := "unterminated string literal"
	if len(quote) == 3 {
		message = "unterminated triple-quoted string literal"
	}
	panic(t.src.fail(start, message))
}

// closesName tells whether the brace here ends a \N{…}.
func (t *tokenizer) closesName(raw bool) bool {
	open := strings.LastIndex(t.src.text[:t.at], "{")
	return !raw && open >= 2 && t.src.text[open-2:open] == `\N`
}

// field skips {expression!r:spec}.
func (t *tokenizer) field(start int, quote string, raw bool) {
	if len(t.brackets) >= deepestBrackets {
		panic(t.src.fail(t.at, "too many nested parentheses"))
	}
	s, depth := t.src.text, len(t.brackets)
	t.brackets = append(t.brackets, t.at)
	t.at++
	for t.at < len(s) {
		switch c := s[t.at]; {
		case len(t.brackets) == depth+1 && c == '}':
			t.brackets = t.brackets[:depth]
			t.at++
			return
		case len(t.brackets) == depth+1 && c == ':':
			t.at++
			t.spec(start, quote, raw)
			t.brackets = t.brackets[:depth]
			return
		case c == '!' && !strings.HasPrefix(s[t.at:], "!="):
			t.at++
		case t.blank():
		default:
			t.skipOne()
		}
	}
	panic(t.src.fail(start, "f-string: expecting '}'"))
}

// skipOne reads one token and forgets it.
func (t *tokenizer) skipOne() {
	n := len(t.tokens)
	t.one()
	t.tokens = t.tokens[:n]
}

// spec skips a format specification with its closing brace; it may hold fields again.
func (t *tokenizer) spec(start int, quote string, raw bool) {
	s := t.src.text
	for t.at < len(s) {
		switch c := s[t.at]; {
		case c == '}':
			t.at++
			return
		case c == '{':
			t.field(start, quote, raw)
		case strings.HasPrefix(s[t.at:], quote) || c == '\n' && len(quote) == 1:
			panic(t.src.fail(start, "f-string: expecting '}'"))
		default:
			t.at++
		}
	}
	panic(t.src.fail(start, "f-string: expecting '}'"))
}
