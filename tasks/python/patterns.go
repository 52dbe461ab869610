package python

// match reads a match statement, if this is one: its logical line ends in a colon, and an indented case follows. The word is an
// ordinary name elsewhere.
func (p *parser) match() bool {
	if !starts[p.ahead(1)] && p.ahead(1) != star {
		return false
	}
	i := p.at
	for p.tokens[i].kind != newline && p.tokens[i].kind != endOfFile && p.tokens[i].kind != broken {
		i++
	}
	if p.tokens[i].kind != newline || p.tokens[i-1].kind != colon {
		return false
	}
	first := p.tokens[i+1]
	if first.kind == indent {
		first = p.tokens[i+2]
	}
	if first.soft != softCase {
		return false
	}
	p.next()
	p.subject()
	p.softly()
	p.expect(newline)
	if p.here != indent {
		p.unindented("'match' statement", p.at-1)
	}
	p.next()
	for p.here != dedent && p.here != endOfFile {
		p.caseBlock()
	}
	p.take(dedent)
	return true
}

// subject reads what is matched: one expression, or several with commas between them, of which any may be starred.
func (p *parser) subject() {
	e := p.starNamed()
	if e.form == formStarred && p.here != comma {
		p.unexpected()
	}
	p.more(&e, (*parser).starNamed)
}

func (p *parser) caseBlock() {
	if p.tokens[p.at].soft != softCase {
		p.unexpected()
	}
	p.next()
	p.openPattern()
	if p.take(wordIf) {
		p.named()
	}
	p.softly()
	p.guarded(Conditionally, func() { p.suite("'case' statement") })
}

// openPattern reads a pattern that may be a sequence without brackets.
func (p *parser) openPattern() {
	starred := p.here == star
	p.starPattern()
	if starred && p.here != comma {
		p.unexpected()
	}
	for p.take(comma) {
		if p.here == wordIf || p.here == colon {
			return
		}
		p.starPattern()
	}
}

// starPattern reads a pattern or *name.
func (p *parser) starPattern() {
	if p.take(star) {
		p.expect(nameToken)
		return
	}
	p.pattern()
}

func (p *parser) pattern() {
	p.deeper()
	for {
		p.closedPattern()
		if p.here != arithmetic || string(p.text(p.at)) != "|" {
			break
		}
		p.next()
	}
	p.depth--
	if p.take(wordAs) {
		first := p.at
		if p.tokens[first].soft == softUnderscore {
			p.failHere("cannot use '_' as a target")
		}
		if p.here != nameToken || p.ahead(1) == dot || p.ahead(1) == leftParen {
			if p.try(func() { p.expression() }) {
				p.fail(first, "invalid pattern target")
			}
			p.unexpected()
		}
		p.next()
	}
}

func (p *parser) closedPattern() {
	switch p.here {
	case minus, number:
		p.numberPattern()
	case textToken, data, fOpen, tOpen:
		p.strings() // that an f-string is no pattern is found by CPython's compiler only
	case wordNone, wordTrue, wordFalse:
		p.next()
	case nameToken:
		p.namePattern()
	case leftParen:
		p.next()
		p.sequencePattern(rightParen)
	case leftBracket:
		p.next()
		p.sequencePattern(rightBracket)
	case leftBrace:
		p.mappingPattern()
	default:
		p.unexpected()
	}
}

// numberPattern reads -1, or 1 + 2j.
func (p *parser) numberPattern() {
	p.take(minus)
	if p.here == number && p.imaginary(p.at) && (p.ahead(1) == plus || p.ahead(1) == minus) {
		p.fail(p.at, "real number required in complex literal")
	}
	p.expect(number)
	if p.here == plus || p.here == minus {
		p.next()
		if p.here == number && !p.imaginary(p.at) {
			p.failHere("imaginary number required in complex literal")
		}
		p.expect(number)
	}
}

func (p *parser) imaginary(token int) bool {
	s := p.text(token)
	return s[len(s)-1]|0x20 == 'j'
}

// namePattern reads a name to bind, a dotted constant, or a class with patterns in parentheses.
func (p *parser) namePattern() {
	p.dotted()
	if p.here != leftParen {
		return
	}
	p.next()
	named, first := false, 0
	for p.here != rightParen {
		if p.here == nameToken && p.ahead(1) == assign {
			named = true
			p.next()
			p.next()
		} else if named {
			first = p.at
		}
		p.pattern()
		if first > 0 && (p.here == rightParen || p.here == comma) {
			p.fail(first, "positional patterns follow keyword patterns")
		}
		if !p.take(comma) {
			break
		}
	}
	p.expect(rightParen)
}

// sequencePattern reads patterns up to a closing bracket; one in parentheses is a group.
func (p *parser) sequencePattern(closing kind) {
	count, starred, last := 0, false, false
	for p.here != closing {
		starred = starred || p.here == star
		p.starPattern()
		count++
		if last = p.take(comma); !last {
			break
		}
	}
	if p.here == closing && closing == rightParen && count == 1 && starred && !last {
		p.unexpected()
	}
	p.expect(closing)
}

func (p *parser) mappingPattern() {
	p.next()
	for p.here != rightBrace {
		if p.take(doubleStar) {
			p.expect(nameToken)
			p.take(comma)
			break
		}
		p.key()
		p.expect(colon)
		p.pattern()
		if !p.take(comma) {
			break
		}
	}
	p.expect(rightBrace)
}

func (p *parser) key() {
	switch p.here {
	case nameToken:
		p.dotted()
		if p.tokens[p.at-2].kind != dot { // only a dotted name is a constant
			p.unexpected()
		}
	case leftParen, leftBracket, leftBrace:
		p.unexpected()
	default:
		p.closedPattern()
	}
}
