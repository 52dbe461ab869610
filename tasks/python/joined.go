package python

import "strings"

// joined reads string literals in a row.
func (b *builder) joined() Node {
	var parts []Node
	joined, isBytes, formatted := "", false, false
	flush := func() {
		if joined != "" {
			parts = append(parts, &Constant{Value: joined})
			joined = ""
		}
	}
	for {
		switch b.here {
		case text, data:
			isBytes = b.here == data
			t := b.tokens[b.at]
			joined += evaluated(b.source[t.start:t.end])
			b.next()
		case fOpen:
			formatted = true
			b.fields(&joined, func(n Node) {
				flush()
				parts = append(parts, n)
			})
		default:
			switch {
			case formatted:
				flush()
				return &JoinedString{Parts: parts}
			case isBytes:
				return &Constant{Value: Bytes(joined)}
			}
			return &Constant{Value: joined}
		}
	}
}

// fields reads an f-string: text between its fields is added to text, a field is given to add.
func (b *builder) fields(text *string, add func(Node)) {
	open := b.tokens[b.at]
	prefix := b.source[open.start:open.end]
	from := open.end
	b.next()
	literal := func(to int32) {
		piece := strings.ReplaceAll(strings.ReplaceAll(b.source[from:to], "{{", "{"), "}}", "}")
		if !strings.ContainsAny(prefix, "rR") {
			piece = unescape(piece, false)
		}
		*text += piece
	}
	for b.here == field {
		literal(b.tokens[b.at].start)
		first := b.at
		b.next()
		n := b.tuple()
		if b.here != rightBrace { // a conversion or a format
			b.back(first)
			b.replacementField()
			n = &Other{}
		} else {
			b.next()
		}
		add(n)
		from = b.tokens[b.at-1].end
	}
	literal(b.tokens[b.at].start)
	b.next()
}
