package python

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
