package python

// The grammar's expressions, from loosest to tightest. Names follow CPython's grammar.

// starExpressions is one expression or a tuple without parentheses.
func (p *parser) starExpressions() Node {
	return p.list(p.starExpression)
}

// list reads one or more items with commas between; more than one, or a comma at the end, make a tuple.
func (p *parser) list(item func() Node) Node {
	first := item()
	if !p.is(",") {
		return first
	}
	t := &Tuple{Elements: []Node{first}}
	for p.take(",") {
		if !p.startsExpression() {
			break
		}
		t.Elements = append(t.Elements, item())
	}
	return t
}

// startsExpression tells whether an expression may begin here.
func (p *parser) startsExpression() bool {
	t := p.peek()
	switch t.kind {
	case number, text:
		return true
	case name:
		w := p.text(t)
		return !reserved(w) || p.isAny("False", "None", "True", "await", "lambda", "not", "yield")
	case operator:
		return p.isAny("(", "[", "{", "-", "+", "~", "*", "**", "...")
	default:
		return false
	}
}

func (p *parser) starExpression() Node {
	if p.take("*") {
		inner := p.bitOr()
		return &Other{starred: true, assignable: assignable(inner)}
	}
	return p.namedExpression()
}

// namedExpression is an expression, or name := expression.
func (p *parser) namedExpression() Node {
	n := p.expression()
	if p.is(":=") {
		if _, ok := n.(*Name); !ok {
			p.unexpected()
		}
		p.at++
		p.expression()
		return &Other{}
	}
	return n
}

// expression is a ternary or tighter, a lambda, or a yield, which the grammar allows in fewer places than this.
func (p *parser) expression() Node {
	p.deeper()
	defer func() { p.depth-- }()
	switch {
	case p.is("lambda"):
		p.at++
		p.lambdaParameters()
		p.expect(":")
		p.expression()
		return &Other{}
	case p.take("yield"):
		if p.take("from") {
			p.expression()
		} else if p.startsExpression() {
			p.starExpressions()
		}
		return &Other{yield: true}
	}
	n := p.disjunction()
	if !p.take("if") {
		return n
	}
	p.disjunction()
	if !p.is("else") {
		panic(p.src.fail(p.peek().start, "expected 'else' after 'if' expression"))
	}
	p.at++
	p.expression()
	return &Other{}
}

func (p *parser) lambdaParameters() {
	for !p.is(":") {
		switch {
		case p.take("*"), p.take("**"):
			if p.is(",") {
				break
			}
			p.name()
		case p.take("/"):
		default:
			p.name()
		}
		if p.take("=") {
			p.expression()
		}
		if !p.take(",") {
			return
		}
	}
}

func (p *parser) disjunction() Node {
	n := p.inversion()
	for p.isAny("and", "or") {
		p.at++
		p.inversion()
		n = &Other{}
	}
	return n
}

func (p *parser) inversion() Node {
	if p.is("not") {
		p.deeper()
		defer func() { p.depth-- }()
		p.at++
		p.inversion()
		return &Other{}
	}
	return p.comparison()
}

func (p *parser) comparison() Node {
	n := p.bitOr()
	for {
		switch {
		case p.isAny("<", ">", "<=", ">=", "==", "!=", "in"):
			p.at++
		case p.is("is"):
			p.at++
			p.take("not")
		case p.is("not") && p.text(p.tokens[p.at+1]) == "in":
			p.at += 2
		default:
			return n
		}
		p.bitOr()
		n = &Other{}
	}
}

// bitOr reads the binary operators. Recognition does not need their precedence; of unlike operators in a row the tree leans
// left, which is enough for the unions and sums that are looked at.
func (p *parser) bitOr() Node {
	n := p.factor()
	for p.isAny("|", "^", "&", "<<", ">>", "+", "-", "*", "/", "//", "%", "@") {
		op := p.text(p.peek())
		p.at++
		n = &Binary{Op: op, Left: n, Right: p.factor()}
	}
	return n
}

func (p *parser) factor() Node {
	p.deeper()
	defer func() { p.depth-- }()
	if p.isAny("+", "-", "~") {
		op := p.text(p.peek())
		p.at++
		return &Unary{Op: op, Operand: p.factor()}
	}
	awaited := p.take("await")
	n := p.primary()
	if awaited {
		n = &Other{}
	}
	if p.take("**") {
		p.factor()
		return &Other{}
	}
	return n
}

func (p *parser) primary() Node {
	n := p.atom()
	for {
		switch {
		case p.take("."):
			n = &Attribute{Value: n, Attr: p.name()}
		case p.is("("):
			n = p.call(n)
		case p.take("["):
			n = &Subscript{Value: n, Index: p.indices()}
		default:
			return n
		}
	}
}

// indices reads what stands between square brackets, and the closing one.
func (p *parser) indices() Node {
	t := &Tuple{Elements: []Node{p.slice()}}
	comma := false
	for p.take(",") {
		if comma = true; p.is("]") {
			break
		}
		t.Elements = append(t.Elements, p.slice())
	}
	p.closing("]")
	if !comma {
		return t.Elements[0]
	}
	return t
}

func (p *parser) slice() Node {
	var n Node
	if !p.is(":") {
		n = p.starExpression()
	}
	if !p.is(":") {
		return n
	}
	for p.take(":") {
		if !p.isAny(":", ",", "]") {
			p.expression()
		}
	}
	return &Other{}
}

func (p *parser) call(fn Node) Node {
	p.expect("(")
	c := &Call{Func: fn}
	for !p.is(")") {
		switch {
		case p.take("**"):
			c.Keywords = append(c.Keywords, Keyword{Value: p.expression()})
		case p.take("*"):
			p.expression()
			c.Args = append(c.Args, &Other{starred: true})
		case p.peek().kind == name && p.tokens[p.at+1].kind == operator && p.text(p.tokens[p.at+1]) == "=":
			key := p.name()
			p.at++
			c.Keywords = append(c.Keywords, Keyword{Name: key, Value: p.expression()})
		default:
			n := p.starExpression()
			if p.isAny("for", "async") {
				p.comprehension()
				n = &Other{}
			}
			c.Args = append(c.Args, n)
		}
		if !p.take(",") {
			break
		}
	}
	p.closing(")")
	return c
}

// closing expects the end of a bracket; what stands there instead usually lacks a comma in front.
func (p *parser) closing(bracket string) {
	if p.is(bracket) {
		p.at++
		return
	}
	if p.startsExpression() {
		panic(p.src.fail(p.peek().start, "invalid syntax. Perhaps you forgot a comma?"))
	}
	p.unexpected()
}

func (p *parser) comprehension() {
	for p.isAny("for", "async") {
		p.take("async")
		p.expect("for")
		p.targets()
		p.expect("in")
		p.disjunction()
		for p.take("if") {
			p.conditionInComprehension()
		}
	}
}

func (p *parser) conditionInComprehension() {
	n := p.disjunction()
	if _, ok := n.(*Name); ok && p.take(":=") {
		p.disjunction()
	}
}

// targets reads what stands between for and in: bitOr keeps away from the word in.
func (p *parser) targets() {
	p.list(func() Node {
		p.take("*")
		return p.bitOr()
	})
}

func assignable(n Node) bool {
	switch x := n.(type) {
	case *Name, *Attribute, *Subscript:
		return true
	case *List:
		return allAssignable(x.Elements)
	case *Tuple:
		return allAssignable(x.Elements)
	case *Other:
		return x.assignable
	default:
		return false
	}
}

func allAssignable(nodes []Node) bool {
	for _, n := range nodes {
		if !assignable(n) {
			return false
		}
	}
	return true
}
