package python

import "strings"

// display reads what stands in brackets, or gives nil where that is a comprehension.
func (b *builder) display() Node {
	closing := map[kind]kind{leftParen: rightParen, leftBracket: rightBracket, leftBrace: rightBrace}[b.here]
	b.next()
	var elements []Node
	several := false
	for b.here != closing {
		if closing == rightBrace && b.here == doubleStar {
			return b.dict(elements)
		}
		elements = append(elements, b.element())
		switch b.here {
		case wordFor, wordAsync:
			return nil
		case colon:
			return b.dict(elements)
		}
		if several = b.take(comma); !several {
			break
		}
	}
	b.next()
	switch {
	case closing == rightBracket:
		return &List{Elements: elements}
	case closing == rightBrace && len(elements) == 0:
		return &Dict{}
	case closing == rightBrace:
		return &Set{Elements: elements}
	case len(elements) == 1 && !several:
		return elements[0]
	default:
		return &Tuple{Elements: elements}
	}
}

// dict reads a dict, of which at most a first key has been read.
func (b *builder) dict(keys []Node) Node {
	d := &Dict{}
	for b.here != rightBrace {
		switch {
		case b.take(doubleStar):
			d.Keys, d.Values = append(d.Keys, nil), append(d.Values, b.element())
		default:
			if len(keys) == 0 {
				keys = []Node{b.element()}
			}
			b.next() // the colon
			d.Keys, d.Values = append(d.Keys, keys[0]), append(d.Values, b.element())
			keys = nil
		}
		if b.here == wordFor || b.here == wordAsync {
			return nil
		}
		if !b.take(comma) {
			break
		}
	}
	b.next()
	return d
}

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
		case textToken, data:
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
