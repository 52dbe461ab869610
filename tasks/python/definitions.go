package python

// decorated reads decorators and the def or class below them.
func (p *parser) decorated() {
	var decorators []span
	for p.here == atSign {
		p.next()
		from := p.at
		p.named()
		if p.reader != nil {
			decorators = append(decorators, span{from, p.at})
		}
		p.expect(newline)
	}
	first := p.at
	switch p.here {
	case wordClass:
		p.class(decorators)
	case wordDef:
		p.function(decorators, first)
	case wordAsync:
		p.next()
		p.function(decorators, first)
	default:
		p.unexpected()
	}
}

// function reads a def; first is its first token, async or def.
func (p *parser) function(decorators []span, first int) {
	p.expect(wordDef)
	title := p.at
	p.expect(nameToken)
	p.typeParameters()
	if p.here != leftParen {
		p.failHere("expected '('")
	}
	index := 0
	if p.reader != nil {
		index = p.reader.openFunction(p, first, title, decorators)
	}
	p.next()
	p.level++
	p.parameters(rightParen, true)
	p.level--
	p.expect(rightParen)
	if p.take(arrow) {
		from := p.at
		p.expression()
		if p.reader != nil {
			p.reader.functions[index].Returns = p.reader.expr(p, span{from, p.at})
		}
	}
	p.colon()
	if p.reader == nil {
		p.suite("function definition")
		return
	}
	outer := p.reader.enter(FunctionScope, p.reader.functions[index].QualifiedName)
	p.body("function definition", func() { p.reader.functionDoc(p, index) })
	p.reader.bodyReader = outer
	p.reader.closeFunction(p, index)
}

func (p *parser) class(decorators []span) {
	first := p.at
	p.expect(wordClass)
	title := p.at
	p.expect(nameToken)
	p.typeParameters()
	index := 0
	if p.reader != nil {
		index = p.reader.openClass(p, first, title, decorators)
	}
	if p.take(leftParen) {
		p.level++
		p.bases(index)
		p.level--
	}
	p.softly()
	if p.reader == nil {
		p.suite("class definition")
		return
	}
	outer := p.reader.enter(ClassScope, p.reader.classes[index].QualifiedName)
	p.body("class definition", func() {
		c := &p.reader.classes[index]
		c.Doc, c.HasDoc = p.reader.doc(p)
	})
	p.reader.bodyReader = outer
	p.reader.classes[index].End = lastByte(p)
}

// bases reads a class's arguments with the closing parenthesis.
func (p *parser) bases(index int) {
	if p.take(rightParen) {
		return
	}
	from := p.at
	// A lone generator is no class argument, although it is a call's.
	p.argumentList(false)
	if p.reader != nil {
		p.reader.bases(p, index, span{from, p.at})
	}
	p.expect(rightParen)
}
