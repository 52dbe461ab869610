package python

import "bytes"

// formatted reads an f-string or t-string behind its opening quote, by the rules of Python 3.12: a field holds any expression, with
// quotes, line ends and comments of its own. Older Pythons accept nothing that these rules don't.
func (t *tokenizer) formatted(q quoted) {
	if t.strings >= deepestStrings {
		t.fail(q.start, "too many nested f-strings")
	}
	t.strings++
	specs := t.specs
	t.specs = 0
	t.emit(q.formatted, q.start, t.at)
	segment := t.at
	for {
		if t.at >= len(t.src) {
			t.unterminated(q, t.at)
		}
		switch c := t.src[t.at]; {
		case c == q.quote[0] && bytes.HasPrefix(t.src[t.at:], q.quote):
			t.segment(q, segment)
			t.emit(fClose, t.at, t.at+len(q.quote))
			t.at += len(q.quote)
			t.strings--
			t.specs = specs
			return
		case c == '\\':
			t.backslash(q)
		case c == '\n' && len(q.quote) == 1:
			t.unterminated(q, t.at)
		case c == '{' && t.peek(1) == '{', c == '}' && t.peek(1) == '}':
			t.at += 2
		case c == '{':
			t.segment(q, segment)
			t.field(q)
			segment = t.at
		case c == '}':
			t.fail(t.at, "f-string: single '}' is not allowed")
		default:
			t.at++
		}
	}
}

// backslash goes past a backslash and what it hides. It does not hide the braces of a field.
func (t *tokenizer) backslash(q quoted) {
	switch c := t.peek(1); {
	case c == '{' || c == '}':
		t.at++
	case c == 'N' && !q.raw && t.peek(2) == '{':
		i := bytes.IndexByte(t.src[t.at:], '}')
		if i < 0 {
			i = 2
		}
		t.at += i + 1
	default:
		t.at += 2
	}
	t.at = min(t.at, len(t.src))
}

// segment checks the text between fields.
func (t *tokenizer) segment(q quoted, from int) {
	if !q.raw {
		t.escapes(t.src[from:t.at], q.start, false)
	}
}

// field reads {expression!r:spec} up to its closing brace.
func (t *tokenizer) field(q quoted) {
	t.open('{')
	depth := len(t.brackets)
	t.brackets[depth-1].char = inField
	t.emit(field, t.at, t.at+1)
	t.at++
	for {
		t.fieldTokens(depth)
		if t.at >= len(t.src) {
			return // the bracket stays open, which is the error
		}
		switch c := t.src[t.at]; c {
		case '\n':
			t.at++
		case '}':
			t.endField()
			return
		default: // a colon
			if t.specs == deepestSpecs {
				t.fail(t.at, "f-string: expressions nested too deeply")
			}
			t.emit(colon, t.at, t.at+1)
			t.at++
			t.specs++
			t.spec(q)
			t.specs--
			return
		}
	}
}

func (t *tokenizer) endField() {
	t.brackets = t.brackets[:len(t.brackets)-1]
	t.emit(rightBrace, t.at, t.at+1)
	t.at++
}

// fieldTokens reads tokens up to a line's end, or what ends the field's expression.
func (t *tokenizer) fieldTokens(depth int) {
	for t.at < len(t.src) {
		c := t.src[t.at]
		if c == '\n' || len(t.brackets) == depth && (c == '}' || c == ':') {
			return
		}
		t.one(c)
	}
}

// spec reads a format specification with the brace that ends its field; it may hold fields again.
func (t *tokenizer) spec(q quoted) {
	segment := t.at
	for t.at < len(t.src) {
		switch c := t.src[t.at]; {
		case c == '{':
			t.segment(q, segment)
			t.field(q)
			segment = t.at
		case c == '}':
			t.segment(q, segment)
			t.endField()
			return
		case c == q.quote[0] && bytes.HasPrefix(t.src[t.at:], q.quote):
			t.fail(t.at, "f-string: expecting '}'")
		case c == '\\':
			t.backslash(q)
		default:
			t.at++
		}
	}
}
