package python

import "slices"

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

// importsSoFar gives the empty range behind the imports that were read so far.
func (p *parser) importsSoFar() span {
	if p.reader == nil {
		return span{}
	}
	return span{len(p.reader.imports), len(p.reader.imports)}
}

// spare tells of some imports that what they name may be missing.
func (p *parser) spare(s span) {
	if p.reader == nil {
		return
	}
	for i := s.from; i < s.to; i++ {
		p.reader.imports[i].Spared = true
	}
}

// catchesImports tells whether what stands between two tokens, from an except or a with on, catches the error of an import: it names that or a
// wider one, or nothing at all.
func (p *parser) catchesImports(from, to int) bool {
	return p.reader != nil && (to-from == 2 || p.names(from, to, "ImportError", "ModuleNotFoundError", "Exception", "BaseException"))
}

// names tells whether one of some names stands between two tokens.
func (p *parser) names(from, to int, names ...string) bool {
	for i := from; i < to; i++ {
		if p.tokens[i].kind == nameToken && slices.Contains(names, string(p.text(i))) {
			return true
		}
	}
	return false
}
