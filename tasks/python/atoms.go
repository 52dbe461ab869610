package python

// primary reads an atom with attributes, calls and subscripts behind it.
func (p *parser) primary() expr {
	first := p.at
	var e expr
	if p.here == name {
		p.next()
		e = expr{nature: nature{form: formName, flat: true}, first: int32(first)} //nolint:gosec // see simple
	} else {
		e = p.atom()
	}
	for {
		switch p.here {
		case dot:
			p.next()
			if p.here != name {
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
	case text, data, fOpen, tOpen:
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
		case text:
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
		if !p.startsStarred() && p.here != broken && p.here != end {
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
		if p.here == broken || p.here == end || p.here == newline {
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
	if p.here != name || p.tokens[p.at-1].end != p.tokens[p.at].start {
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

// braces reads a dict or a set behind its brace.
func (p *parser) braces(first int) expr {
	if p.take(rightBrace) {
		return simple(formDict, first)
	}
	if p.here == doubleStar {
		return p.dict(first)
	}
	e := p.starNamed()
	switch p.here {
	case colon:
		if e.form == formStarred || e.form == formNamed && !e.group {
			p.unexpected()
		}
		return p.dictFrom(first)
	case wordFor, wordAsync:
		p.comprehension(e)
		p.expect(rightBrace)
		return simple(formSetComprehension, first)
	}
	out := simple(formSet, first)
	p.rest(&out, rightBrace)
	return out
}

// dict reads pairs and **mappings from here on.
func (p *parser) dict(first int) expr {
	for p.here != rightBrace {
		if p.here == doubleStar {
			before := p.at
			p.next()
			p.bitOr()
			if p.here == wordFor || p.here == wordAsync {
				p.fail(before, "dict unpacking cannot be used in dict comprehension")
			}
		} else {
			p.expression()
			if p.here != colon {
				p.fail(p.at-1, "':' expected after dictionary key")
			}
			p.pair()
		}
		if !p.take(comma) {
			break
		}
	}
	p.expect(rightBrace)
	return simple(formDict, first)
}

// dictFrom reads a dict whose first key has been read.
func (p *parser) dictFrom(first int) expr {
	p.pair()
	if p.here == wordFor || p.here == wordAsync {
		p.clauses()
		p.expect(rightBrace)
		return simple(formDictComprehension, first)
	}
	if p.take(comma) {
		return p.dict(first)
	}
	p.expect(rightBrace)
	return simple(formDict, first)
}

// pair reads the colon and the value behind a key.
func (p *parser) pair() {
	before := p.at
	p.next()
	switch p.here {
	case star:
		p.failHere("cannot use a starred expression in a dictionary value")
	case rightBrace, comma:
		p.fail(before, "expression expected after dictionary key and ':'")
	}
	p.expression()
}

// comprehension reads the clauses behind an element.
func (p *parser) comprehension(e expr) {
	if e.form == formStarred {
		p.fail(int(e.first), "iterable unpacking cannot be used in comprehension")
	}
	p.clauses()
}

// clauses reads `for x in y if z …`.
func (p *parser) clauses() {
	for p.here == wordFor || p.here == wordAsync {
		p.take(wordAsync)
		p.expect(wordFor)
		p.forTargets()
		p.expect(wordIn)
		p.disjunction()
		for p.take(wordIf) {
			p.disjunction()
		}
	}
}
