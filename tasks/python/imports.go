package python

func (p *parser) importStatement() {
	first := p.at
	p.next()
	if p.here == newline {
		p.failHere("Expected one or more names after 'import'")
	}
	for {
		module := span{from: p.at}
		module.to = p.dotted()
		alias := 0
		if p.take(wordAs) {
			alias = p.at
			p.expect(nameToken)
			if p.here != comma && p.here != newline && p.here != semicolon {
				p.unexpected()
			}
		}
		if p.reader != nil {
			p.reader.imported(p, first, 0, module, -1, alias)
		}
		if !p.take(comma) {
			return
		}
	}
}

// dotted reads a.b.c and gives the token behind it.
func (p *parser) dotted() int {
	p.expect(nameToken)
	for p.take(dot) {
		p.expect(nameToken)
	}
	return p.at
}

func (p *parser) fromImport() {
	first, level := p.at, 0
	p.next()
	for p.here == dot || p.here == ellipsis {
		if p.here == dot {
			level++
		} else {
			level += 3
		}
		p.next()
	}
	module := span{p.at, p.at}
	if level == 0 || p.here == nameToken {
		module.to = p.dotted()
	}
	p.expect(wordImport)
	switch p.here {
	case star:
		if p.reader != nil {
			p.reader.imported(p, first, level, module, p.at, 0)
		}
		p.next()
	case leftParen:
		p.next()
		p.level++
		p.importedNames(first, level, module, rightParen)
		p.level--
		p.expect(rightParen)
	case newline:
		p.failHere("Expected one or more names after 'import'")
	default:
		p.importedNames(first, level, module, newline)
	}
}

func (p *parser) importedNames(first, level int, module span, closing kind) {
	for {
		from, alias := p.at, 0
		p.expect(nameToken)
		if p.take(wordAs) {
			alias = p.at
			p.expect(nameToken)
		}
		if p.reader != nil {
			p.reader.imported(p, first, level, module, from, alias)
		}
		if !p.take(comma) || closing == rightParen && p.here == rightParen {
			return
		}
		if p.here == newline {
			p.failHere("trailing comma not allowed without surrounding parentheses")
		}
	}
}
