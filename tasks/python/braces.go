package python

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
