package python

// primary reads an atom with attributes, calls and subscripts behind it.
func (p *parser) primary() expr {
	first := p.at
	var e expr
	if p.here == nameToken {
		p.next()
		e = expr{nature: nature{form: formName, flat: true}, first: int32(first)} //nolint:gosec // see simple
	} else {
		e = p.atom()
	}
	for {
		switch p.here {
		case dot:
			p.next()
			if p.here != nameToken {
				p.unexpected()
			}
			p.next()
			e = expr{nature: nature{form: formAttribute, flat: true}, first: int32(first)} //nolint:gosec // see simple
		case leftParen:
			p.next()
			p.level++
			p.arguments()
			p.level--
			e = simple(formCall, first)
		case leftBracket:
			p.next()
			p.level++
			p.slices()
			p.level--
			e = expr{nature: nature{form: formSubscript, flat: true}, first: int32(first)} //nolint:gosec // see simple
		default:
			return e
		}
	}
}

// atom reads what is no name: a literal, or something in brackets.
func (p *parser) atom() expr {
	first, k := p.at, p.here
	switch k {
	case textToken, data, fOpen, tOpen:
		return p.strings()
	case number, wordNone, wordTrue, wordFalse, ellipsis:
		p.next()
		return simple(leaves[k]-1, first)
	case leftParen, leftBracket, leftBrace:
	default:
		p.unexpected()
	}
	p.next()
	p.level++
	var e expr
	switch k {
	case leftParen:
		e = p.parenthesized(first)
	case leftBracket:
		e = p.list(first)
	default:
		e = p.braces(first)
	}
	p.level--
	return e
}

// strings reads string literals in a row, which Python joins.
func (p *parser) strings() expr {
	first := p.at
	f, plain, binary, template := formLiteral, false, false, false
	for {
		switch p.here {
		case textToken:
			plain = true
			p.next()
		case data:
			binary = true
			p.next()
		case fOpen:
			plain, f = true, formJoined
			p.formattedString()
		case tOpen:
			template, f = true, formTemplate
			p.formattedString()
		default:
			switch {
			case binary && (plain || template):
				p.fail(first, "cannot mix bytes and nonbytes literals")
			case template && plain:
				p.fail(first, "cannot mix t-string literals with string or bytes literals")
			}
			return simple(f, first)
		}
	}
}

func (p *parser) formattedString() {
	p.deeper()
	p.next()
	for p.here == field {
		p.replacementField()
	}
	p.expect(fClose)
	p.depth--
}

// replacementField reads {expression=!r:spec}.
func (p *parser) replacementField() {
	p.next()
	p.level++
	switch p.here {
	case assign, bang, colon, rightBrace:
		p.failHere("f-string: valid expression required before '%s'", p.text(p.at))
	case wordYield:
		p.yield()
	case wordLambda:
		// A colon ends the expression, so that a lambda's is missing.
		p.fieldLambda()
	default:
		if !p.startsStarred() && p.here != broken && p.here != endOfFile {
			p.failHere("f-string: expecting a valid expression after '{'")
		}
		p.starExpressions()
	}
	p.take(assign)
	if p.take(bang) {
		p.conversion()
	}
	if p.here == colon {
		p.next()
		for p.here == field {
			p.replacementField()
		}
	}
	if p.here != rightBrace {
		if p.here == broken || p.here == endOfFile || p.here == newline {
			p.unexpected()
		}
		p.failHere("f-string: expecting '}'")
	}
	p.next()
	p.level--
}

func (p *parser) fieldLambda() {
	first := p.at
	p.next()
	p.parameters(colon, false)
	if p.here == colon {
		p.fail(first, "f-string: lambda expressions are not allowed without parentheses")
	}
	p.unexpected()
}

func (p *parser) conversion() {
	if p.here != nameToken || p.tokens[p.at-1].end != p.tokens[p.at].start {
		p.failHere("f-string: invalid conversion character")
	}
	switch string(p.text(p.at)) {
	case "s", "r", "a":
		p.next()
	default:
		p.failHere("f-string: invalid conversion character %q: expected 's', 'r', or 'a'", p.text(p.at))
	}
}

// parenthesized reads a group, a tuple or a generator behind its parenthesis.
func (p *parser) parenthesized(first int) expr {
	switch p.here {
	case rightParen:
		p.next()
		e := tupleOf(first)
		e.flat = true
		return e
	case wordYield:
		e := p.yield()
		p.expect(rightParen)
		e.group, e.flat = true, true
		return e
	case doubleStar:
		p.failHere("cannot use double starred expression here")
	}
	e := p.starNamed()
	switch p.here {
	case wordFor, wordAsync:
		p.comprehension(e)
		p.expect(rightParen)
		return simple(formGenerator, first)
	case rightParen:
		if e.form == formStarred {
			p.fail(int(e.first), "cannot use starred expression here")
		}
		p.next()
		e.group, e.flat = true, true
		return e
	}
	out := tupleOf(first)
	out.flat = true
	out.add(e)
	p.rest(&out, rightParen)
	return out
}

// rest reads further parts of a tuple, list or set, and its closing bracket.
func (p *parser) rest(out *expr, closing kind) {
	p.more(out, (*parser).starNamed)
	p.expect(closing)
}

func (p *parser) list(first int) expr {
	out := expr{nature: nature{form: formList, flat: true}, first: int32(first)} //nolint:gosec // see simple
	if p.take(rightBracket) {
		return out
	}
	e := p.starNamed()
	if p.here == wordFor || p.here == wordAsync {
		p.comprehension(e)
		p.expect(rightBracket)
		return simple(formListComprehension, first)
	}
	out.add(e)
	p.rest(&out, rightBracket)
	return out
}
