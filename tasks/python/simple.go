package python

// simpleLine reads the statements of one logical line.
func (p *parser) simpleLine() {
	for {
		p.simple()
		if p.take(newline) {
			return
		}
		p.expect(semicolon)
		if p.take(newline) {
			return
		}
	}
}

func (p *parser) simple() {
	switch p.here {
	case wordPass, wordBreak, wordContinue:
		p.next()
	case wordReturn:
		p.next()
		if p.startsStarred() {
			p.starExpressions()
		}
	case wordImport:
		p.importStatement()
	case wordFrom:
		p.fromImport()
	case wordRaise:
		p.raise()
	case wordDel:
		p.del()
	case wordAssert:
		p.next()
		p.asserted()
		if p.take(comma) {
			p.asserted()
		}
	case wordGlobal, wordNonlocal:
		p.global()
	case wordYield:
		e := p.yield()
		if p.here == assign {
			p.fail(int(e.first), "assignment to yield expression not possible")
		}
	case nameToken:
		if p.tokens[p.at].soft == softType && p.ahead(1) == nameToken && (p.ahead(2) == assign || p.ahead(2) == leftBracket) {
			p.typeAlias()
			return
		}
		p.expressionStatement()
	default:
		p.expressionStatement()
	}
}

func (p *parser) asserted() {
	e := p.expression()
	if p.here == assign || p.here == walrus {
		if e.bad > 0 && p.here == assign {
			p.fail(int(e.first), "cannot assign to %s here. Maybe you meant '==' instead of '='?", e.form)
		}
		p.unexpected()
	}
}

func (p *parser) raise() {
	p.next()
	if p.here == newline || p.here == semicolon {
		return
	}
	p.expression()
	if p.take(wordFrom) {
		p.expression()
	}
}

func (p *parser) global() {
	p.next()
	for {
		first := p.at
		p.expect(nameToken)
		if p.reader != nil {
			p.reader.globally(p, first)
		}
		if !p.take(comma) {
			return
		}
	}
}

func (p *parser) del() {
	p.next()
	first := p.at
	if !starts[p.here] && p.here != star {
		p.unexpected()
	}
	e := p.starExpressions()
	bad := e.bad
	if e.star > 0 && (bad == 0 || e.star < bad) {
		p.fail(int(e.star-1), "cannot delete starred")
	}
	switch {
	case e.form == formStarred:
		p.fail(int(e.first), "cannot delete starred")
	case bad > 0:
		p.fail(int(bad-1), "cannot delete %s", e.badForm)
	case p.here != newline && p.here != semicolon:
		p.unexpected()
	}
	p.bindAll(first, p.at)
}

func (p *parser) typeAlias() {
	p.next()
	target := p.at
	p.next()
	p.typeParameters()
	p.expect(assign)
	from := p.at
	p.expression()
	if p.reader != nil {
		p.reader.aliased(p, target, span{from, p.at})
	}
}

// typeParameters reads [T: bound = default, *Ts, **P].
func (p *parser) typeParameters() {
	if p.here != leftBracket {
		return
	}
	p.next()
	p.level++
	if p.here == rightBracket {
		p.failHere("Type parameter list cannot be empty")
	}
	for p.here != rightBracket {
		starred := p.here == star || p.here == doubleStar
		variadic := p.here == star
		if starred {
			p.next()
		}
		p.expect(nameToken)
		if p.here == colon {
			if starred {
				p.failHere("cannot use bound with a starred type parameter")
			}
			p.next()
			p.expression()
		}
		if p.take(assign) {
			if variadic {
				p.starExpression()
			} else {
				p.expression()
			}
		}
		if !p.take(comma) {
			break
		}
	}
	p.level--
	p.expect(rightBracket)
}

// expressionStatement reads an expression, an assignment, or an annotation.
func (p *parser) expressionStatement() {
	first := p.at
	e := p.starExpressions()
	switch p.here {
	case newline, semicolon:
		return
	case assign:
		p.assignment(e, first)
	case augmented:
		p.augmentedAssignment(e)
	case colon:
		p.annotation(e, first)
	}
}

// assignment reads `target = target = value`.
func (p *parser) assignment(e expr, first int) {
	targets := make([]span, 0, 4) // nearly always enough, and then nothing is allocated
	for p.here == assign {
		p.assignable(e)
		targets = append(targets, span{first, p.at})
		p.next()
		first = p.at
		e = p.assignedValue()
	}
	if p.reader == nil {
		return
	}
	for _, t := range targets {
		if t.to == t.from+1 && p.tokens[t.from].kind == nameToken {
			p.reader.assigned(p, t.from, span{}, span{first, p.at})
		} else {
			p.bindAll(t.from, t.to)
		}
	}
}

// assignedValue reads what stands behind an equals sign: only here a yield needs no parentheses.
func (p *parser) assignedValue() expr {
	if p.here == wordYield {
		return p.yield()
	}
	return p.starExpressions()
}

func (p *parser) assignable(e expr) {
	switch {
	case e.form == formYield && !e.group:
		p.fail(int(e.first), "assignment to yield expression not possible")
	case e.bad > 0:
		p.fail(int(e.bad-1), "cannot assign to %s", e.badForm)
	}
}

func (p *parser) augmentedAssignment(e expr) {
	switch e.form {
	case formName, formAttribute, formSubscript:
	default:
		p.fail(int(e.first), "'%s' is an illegal expression for augmented assignment", e.form)
	}
	p.bindAll(int(e.first), p.at)
	p.next()
	p.assignedValue()
}

// annotation reads `target: type = value`.
func (p *parser) annotation(e expr, first int) {
	switch e.form {
	case formName, formAttribute, formSubscript:
	case formTuple, formList:
		p.fail(int(e.first), "only single target (not %s) can be annotated", e.form)
	default:
		if p.ahead(1) == newline || !starts[p.ahead(1)] {
			p.unexpected()
		}
		p.fail(first, "illegal target for annotation")
	}
	end := p.at
	p.next()
	from := p.at
	p.expression()
	annotation, value := span{from, p.at}, span{}
	if p.take(assign) {
		from = p.at
		p.assignedValue()
		value = span{from, p.at}
	}
	if p.reader != nil && e.form == formName && end == first+1 {
		p.reader.assigned(p, first, annotation, value)
	}
}

// target reads one expression that is to be assigned to: the target of with.
func (p *parser) target() expr {
	if p.here == star {
		return p.starred()
	}
	return p.bitOr()
}

// forTargets reads the targets between for and in.
func (p *parser) forTargets() {
	first := p.at
	e := p.target()
	if p.here == comma {
		out := tupleOf(first)
		out.add(e)
		p.more(&out, (*parser).target)
		e = out
	}
	p.assignable(e)
}
