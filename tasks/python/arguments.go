package python

// arguments reads a call's or a class's arguments behind the parenthesis, with the closing one.
func (p *parser) arguments() {
	if p.take(rightParen) {
		return
	}
	p.argumentList(true)
	p.expect(rightParen)
}

// argumentList reads arguments in the order that the grammar wants: positional, then named, then **; * may stand among the first two.
func (p *parser) argumentList(mayGenerate bool) {
	named, unpacked, count := false, false, 0
	for {
		switch {
		case p.here == star:
			if unpacked {
				p.fail(p.at-1, "iterable argument unpacking follows keyword argument unpacking")
			}
			p.next()
			p.expression()
		case p.here == doubleStar:
			unpacked = true
			p.next()
			p.expression()
		case p.here == nameToken && p.tokens[p.at+1].kind == assign:
			named = true
			first := p.at
			p.next()
			p.next()
			if p.here == comma || p.here == rightParen {
				p.fail(first, "expected argument value expression")
			}
			p.expression()
			if p.here == wordFor || p.here == wordAsync {
				p.fail(first, "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
			}
		default:
			first := p.at
			p.positional(mayGenerate && count == 0)
			if named || unpacked {
				p.misplaced(first, unpacked)
			}
		}
		count++
		if !p.take(comma) || p.here == rightParen {
			return
		}
	}
}

// positional reads one positional argument, or the generator that is a call's only one.
func (p *parser) positional(mayGenerate bool) {
	first := p.at
	p.argument()
	switch p.here {
	case wordFor, wordAsync:
		p.clauses()
		if !mayGenerate || p.here == comma {
			p.fail(first, "Generator expression must be parenthesized")
		}
	case assign:
		switch p.tokens[first].kind {
		case wordTrue, wordFalse, wordNone:
			if p.at == first+1 {
				p.fail(first, "cannot assign to %s", p.text(first))
			}
		}
		p.fail(first, "expression cannot contain assignment, perhaps you meant \"==\"?")
	}
}

// argument reads an expression, or name := expression.
func (p *parser) argument() {
	if p.here == nameToken && p.tokens[p.at+1].kind == walrus {
		p.named()
		return
	}
	e := p.expression()
	if p.here == walrus {
		p.unnameable(e)
	}
}

// misplaced stops at a positional argument behind a named one. CPython looks on until it can't, and points there.
func (p *parser) misplaced(first int, unpacked bool) {
	p.back(first)
	end := p.reach(func() { p.argumentList(false) })
	if unpacked {
		p.fail(end, "positional argument follows keyword argument unpacking")
	}
	p.fail(end, "positional argument follows keyword argument")
}

// slices reads the inside of a subscript, with the closing bracket.
func (p *parser) slices() {
	for {
		p.slice()
		if !p.take(comma) || p.here == rightBracket {
			break
		}
	}
	p.expect(rightBracket)
}

func (p *parser) slice() {
	switch p.here {
	case star:
		p.next()
		p.expression()
		return
	case colon:
	default:
		e := p.named()
		if p.here != colon {
			return
		}
		if e.form == formNamed && !e.group {
			p.unexpected()
		}
	}
	for range 2 {
		if !p.take(colon) {
			return
		}
		if starts[p.here] {
			p.expression()
		}
	}
}
