package python

// line reads one logical line, or skips one without tokens.
func (t *tokenizer) line() {
	n := spaces(t.src, t.at)
	c := indentColumn{n, n}
	switch first := t.peek(n); classes[first] {
	case letter, digit, operator, quoteClass: // no tab, nor anything else that is strange in front of a line
		t.at += n
	default:
		if first == '\n' {
			t.at += n + 1
			return
		}
		var ok bool
		if c, ok = t.indentation(); !ok {
			return
		}
	}
	if c != t.indents[len(t.indents)-1] {
		t.level(c)
	}
	for {
		t.inline()
		if t.at >= len(t.src) {
			return
		}
		t.at++ // the end of the line
		if len(t.brackets) == 0 {
			t.endLine(t.at - 1)
			return
		}
	}
}

// indentation measures a line's start. A line that is blank or only a comment is skipped; ok is false then.
func (t *tokenizer) indentation() (c indentColumn, ok bool) {
	continued, first := false, indentColumn{}
	for ; t.at < len(t.src); t.at++ {
		switch char := t.src[t.at]; {
		case char == ' ':
			c.wide++
			c.narrow++
		case char == '\t':
			c.wide = c.wide/8*8 + 8
			c.narrow++
		case char == '\f':
			c = indentColumn{}
		case char == '\\' && t.peek(1) == '\n': // the first line's column counts
			if !continued {
				continued, first = true, c
			}
			c = indentColumn{}
			t.at++
		case char == '\n' || char == '#':
			if char == '#' {
				t.hear(t.at)
			}
			t.at = min(lineEnd(t.src, t.at)+1, len(t.src))
			return c, false
		case continued:
			return first, true
		default:
			return c, true
		}
	}
	return c, false
}

// level compares a line's indentation with the ones before.
func (t *tokenizer) level(c indentColumn) {
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
			_, column := place(t.src, lineEnd(t.src, t.at))
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
