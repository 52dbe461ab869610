package python

// module reads all statements.
func (p *parser) module() {
	for p.here == newline { // only a source of one comment or continued blank line has that
		p.next()
	}
	for p.here != endOfFile {
		p.statement()
	}
}

func (p *parser) statement() {
	switch p.here {
	case wordDef:
		p.function(nil, p.at)
	case wordClass:
		p.class(nil)
	case atSign:
		p.decorated()
	case wordIf:
		p.conditional()
	case wordFor:
		p.loop()
	case wordWhile:
		p.next()
		p.named()
		p.softly()
		p.guarded(Conditionally, func() { p.suite("'while' statement") })
		p.otherwise()
	case wordTry:
		p.tryStatement()
	case wordWith:
		p.with()
	case wordAsync:
		p.async()
	case indent, dedent:
		p.unexpected()
	case nameToken:
		if p.tokens[p.at].soft == softMatch && p.match() {
			return
		}
		p.simpleLine()
	default:
		p.simpleLine()
	}
}

func (p *parser) async() {
	first := p.at
	p.next()
	switch p.here {
	case wordDef:
		p.function(nil, first)
	case wordFor:
		p.loop()
	case wordWith:
		p.with()
	default:
		p.unexpected()
	}
}

// guarded reads statements that run under a condition only. The outer condition counts where it is the stronger one.
func (p *parser) guarded(g Guard, work func()) {
	if p.reader == nil {
		work()
		return
	}
	before := p.reader.guard
	p.reader.guard = max(before, g)
	work()
	p.reader.guard = before
}

func (p *parser) conditional() {
	p.branch("'if' statement", Conditionally)
	for p.here == wordElif {
		p.branch("'elif' statement", Otherwise)
	}
	p.otherwise()
}

// branch reads if or elif, its condition and its block.
func (p *parser) branch(of string, g Guard) {
	p.next()
	first := p.at
	p.named()
	if p.reader != nil {
		g = max(g, p.conditionGuard(first))
	}
	p.softly()
	p.guarded(g, func() { p.suite(of) })
}

// conditionGuard knows the two conditions that mean something to a reader.
func (p *parser) conditionGuard(first int) Guard {
	switch p.at - first {
	case 1:
		if p.tokens[first].kind == nameToken && string(p.text(first)) == "TYPE_CHECKING" {
			return WhenChecking
		}
	case 3:
		a, b := p.tokens[first], p.tokens[p.at-1]
		switch {
		case b.kind == nameToken && string(p.text(p.at-1)) == "TYPE_CHECKING":
			return WhenChecking
		case a.kind == nameToken && string(p.text(first)) == "__name__" && b.kind == textToken && string(p.text(first+1)) == "==":
			return WhenMain
		}
	}
	return Always
}

func (p *parser) otherwise() {
	if p.take(wordElse) {
		p.colon()
		p.guarded(Otherwise, func() { p.suite("'else' statement") })
	}
}

func (p *parser) loop() {
	p.next()
	first := p.at
	p.forTargets()
	p.bindAll(first, p.at)
	p.expect(wordIn)
	p.starExpressions()
	p.softly()
	p.guarded(Conditionally, func() { p.suite("'for' statement") })
	p.otherwise()
}

func (p *parser) tryStatement() {
	p.next()
	p.colon()
	inside := p.importsSoFar()
	p.suite("'try' statement")
	inside.to = p.importsSoFar().to
	handlers, grouped := 0, false
	for p.here == wordExcept {
		first := p.at
		p.next()
		if handlers > 0 && grouped != (p.here == star) {
			p.fail(first, "cannot have both 'except' and 'except*' on the same 'try'")
		}
		grouped = p.take(star)
		if p.handler(grouped); p.catchesImports(first, p.at) {
			p.spare(inside)
		}
		handlers++
		p.guarded(Otherwise, func() { p.suite("'except' statement") })
	}
	if handlers > 0 && p.take(wordElse) {
		p.colon()
		p.suite("'else' statement")
	}
	switch {
	case p.take(wordFinally):
		p.colon()
		p.suite("'finally' statement")
	case handlers == 0:
		p.failHere("expected 'except' or 'finally' block")
	}
}

// handler reads what stands between except and its block. From 3.14 on several types need no parentheses, unless one is named.
func (p *parser) handler(grouped bool) {
	if p.here == colon && !grouped {
		p.next()
		return
	}
	if grouped && (p.here == colon || p.here == newline) {
		p.failHere("expected one or more exception types")
	}
	first, several := p.at, false
	p.expression()
	for p.take(comma) {
		several = true
		if !starts[p.here] {
			break
		}
		p.expression()
	}
	if p.here == wordAs {
		if several {
			p.fail(first, "multiple exception types must be parenthesized when using 'as'")
		}
		p.next()
		target := p.at
		p.expect(nameToken)
		p.bindAll(target, p.at)
	}
	p.softly()
}

func (p *parser) with() {
	first := p.at
	p.next()
	if p.here == leftParen && p.parenthesizedItems() {
		p.next()
		p.level++
		p.items(rightParen)
		p.level--
		p.expect(rightParen)
	} else {
		p.items(colon)
	}
	p.softly()
	suppressed := p.reader != nil && p.names(first, p.at, "suppress") && p.catchesImports(first, p.at)
	inside := p.importsSoFar()
	p.suite("'with' statement")
	if suppressed {
		p.spare(span{inside.to, p.importsSoFar().to})
	}
}

// items reads the context managers up to a closing token.
func (p *parser) items(closing kind) {
	for {
		p.expression()
		if p.take(wordAs) {
			first := p.at
			p.assignable(p.target())
			p.bindAll(first, p.at)
		}
		if !p.take(comma) || p.here == closing && closing == rightParen {
			return
		}
	}
}

// parenthesizedItems tells whether the parenthesis here holds context managers: it ends in front of the colon, and has an `as`, or
// items that one expression could not have.
func (p *parser) parenthesizedItems() bool {
	depth, named := 0, false
	for i := p.at; i < len(p.tokens); i++ {
		switch p.tokens[i].kind {
		case leftParen, leftBracket, leftBrace, field:
			depth++
		case rightParen, rightBracket, rightBrace:
			if depth--; depth == 0 {
				return named && p.tokens[i+1].kind == colon
			}
		case wordAs:
			named = named || depth == 1
		case newline, endOfFile, broken:
			return named
		}
	}
	return false
}

// suite reads a block: the rest of the line, or the indented lines below.
func (p *parser) suite(of string) { p.body(of, nil) }

// body is suite with a call before its first statement.
func (p *parser) body(of string, enter func()) {
	if p.here != newline {
		if enter != nil {
			enter()
		}
		p.simpleLine()
		return
	}
	head := p.at
	p.next()
	if p.here != indent {
		if p.here == broken {
			p.unexpected()
		}
		p.unindented(of, head)
	}
	p.next()
	if enter != nil {
		enter()
	}
	for p.here != dedent && p.here != endOfFile {
		p.statement()
	}
	p.take(dedent)
}
