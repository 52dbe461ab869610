package python

import "cmp"

// builder makes the small tree of one expression. It walks the tokens with the grammar's own rules beside it: what it has no node for, it
// goes past with them.
type builder struct {
	parser
	source string
	nested int
	entire bool // with the nodes of whole.go
	shift  int  // from an offset in source to that in the file
}

func parseExpression(source string) (Node, error) { return (&builder{source: source}).parse() }

func (b *builder) parse() (Node, error) {
	src, source := []byte(b.source), b.source
	var t tokenizer
	stop := t.fragment(src)
	b.begin(src, t.tokens)
	b.level = 1
	var n Node
	wrong := b.silently(func() {
		b.starExpressions()
		if b.here != endOfFile {
			b.unexpected()
		}
		b.back(0)
		n = b.tuple()
	})
	if wrong == nil && len(t.brackets) > 0 {
		wrong = &failure{at: t.brackets[0].at, message: "'" + source[t.brackets[0].at:][:1] + "' was never closed"}
	}
	if f := cmp.Or(stop, wrong); f != nil {
		return nil, failed(src, f)
	}
	return n, nil
}

// tuple reads expressions with commas between them.
func (b *builder) tuple() Node {
	n := b.element()
	if b.here != comma {
		return n
	}
	out := &Tuple{Elements: []Node{n}}
	for b.take(comma) && b.startsStarred() {
		out.Elements = append(out.Elements, b.element())
	}
	return out
}

// element reads one expression, or goes past one that has no node.
func (b *builder) element() Node {
	if b.entire {
		return b.whole()
	}
	first := b.at
	if b.here == star || b.here == wordLambda || b.here == wordYield {
		return b.past(first)
	}
	b.nested++
	n := b.binary(1)
	b.nested--
	if b.here == wordIf || b.here == walrus || joins[b.here] >= joinsComparison {
		return b.past(first)
	}
	return n
}

func (b *builder) past(first int) Node {
	b.back(first)
	if b.here == wordYield {
		b.yield()
	} else {
		b.starNamed()
	}
	return &Other{}
}

// precedence of the arithmetic operators, the loosest first; 0 for anything else.
func (b *builder) precedence() int {
	if joins[b.here] != joinsNumbers {
		return 0
	}
	switch string(b.text(b.at)) {
	case "|":
		return 1
	case "^":
		return 2
	case "&":
		return 3
	case "<<", ">>":
		return 4
	case "+", "-":
		return 5
	case "**":
		return 7
	default:
		return 6
	}
}

// binary reads operands joined by operators of at least the given precedence.
func (b *builder) binary(least int) Node {
	n := b.unary()
	for count := 0; ; count++ {
		level := b.precedence()
		if level < least || level == 0 {
			return n
		}
		if count > deepest || b.nested > deepest {
			b.failHere("too deeply nested")
		}
		op := string(b.text(b.at))
		b.next()
		b.nested++
		right := b.binary(min(level+1, 7)) // ** is the tightest, and goes from right to left
		b.nested--
		n = &Binary{Op: op, Left: n, Right: right}
	}
}

func (b *builder) unary() Node {
	switch b.here {
	case plus, minus, tilde:
		op := string(b.text(b.at))
		b.next()
		b.nested++
		if b.nested > 2*deepest {
			b.failHere("too deeply nested")
		}
		operand := b.binary(7)
		b.nested--
		return &Unary{Op: op, Operand: operand}
	case wordNot, wordAwait:
		b.operand(true)
		return &Other{}
	default:
		return b.trailed()
	}
}

// trailed reads an atom with attributes, calls and subscripts.
func (b *builder) trailed() Node {
	n := b.leaf()
	for count := 0; ; count++ {
		if count > deepest {
			b.failHere("too deeply nested")
		}
		switch b.here {
		case dot:
			b.next()
			n = &Attribute{Value: n, Attr: b.spelled()}
		case leftParen:
			b.next()
			n = b.call(n)
		case leftBracket:
			b.next()
			n = &Subscript{Value: n, Index: b.index()}
		default:
			return n
		}
	}
}

func (b *builder) spelled() string {
	t := b.tokens[b.at]
	b.next()
	return identifier(b.source[t.start:t.end])
}

func (b *builder) call(of Node) Node {
	c := &Call{Func: of}
	for b.here != rightParen {
		switch {
		case b.here == doubleStar:
			b.next()
			c.Keywords = append(c.Keywords, b.keyword(""))
		case b.here == star:
			c.Args = append(c.Args, b.unpacked())
		case b.here == nameToken && b.ahead(1) == assign:
			word := b.spelled()
			b.next()
			c.Keywords = append(c.Keywords, b.keyword(word))
		default:
			n := b.element()
			if b.here == wordFor || b.here == wordAsync {
				b.clauses()
				n = &Other{}
			}
			c.Args = append(c.Args, n)
		}
		if !b.take(comma) {
			break
		}
	}
	b.next()
	return c
}

// unpacked reads a starred argument.
func (b *builder) unpacked() Node {
	b.next()
	if b.entire {
		return &Starred{b.whole()}
	}
	b.expression()
	return &Other{}
}

func (b *builder) keyword(word string) Keyword {
	from := b.tokens[b.at].start
	value := b.element()
	return Keyword{Name: word, Value: value, Text: b.source[from:b.tokens[b.at-1].end], Offset: int(from)}
}

// index reads the inside of a subscript; a slice is an Other.
func (b *builder) index() Node {
	var parts []Node
	several := false
	for b.here != rightBracket {
		first := b.at
		n := Node(&Other{})
		if b.here != colon && b.here != star {
			n = b.element()
		}
		if b.here == colon || b.here == star {
			b.back(first)
			b.slice()
			n = &Other{}
		}
		parts = append(parts, n)
		if !b.take(comma) {
			break
		}
		several = true
	}
	b.next()
	if several {
		return &Tuple{Elements: parts}
	}
	return parts[0]
}

func (b *builder) leaf() Node {
	first := b.at
	switch b.here {
	case nameToken:
		return &Name{ID: b.spelled()}
	case number:
		b.next()
		return numeral(string(b.text(first)))
	case wordNone:
		b.next()
		return &Constant{}
	case wordTrue, wordFalse:
		b.next()
		return &Constant{Value: b.tokens[first].kind == wordTrue}
	case ellipsis:
		b.next()
		return &Ellipsis{}
	case textToken, data, fOpen:
		return b.joined()
	case leftParen, leftBracket, leftBrace:
		if n := b.display(); n != nil {
			return n
		}
		b.back(first)
	}
	b.atom()
	return &Other{}
}
