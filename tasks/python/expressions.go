package python

// The tables say which tokens can start an operand, and what joins two.
const (
	joinsNothing uint8 = iota
	joinsNumbers
	joinsComparison
	joinsBoolean
)

//nolint:gochecknoglobals // a table, never written to
var joins = [kinds]uint8{
	star: joinsNumbers, doubleStar: joinsNumbers, plus: joinsNumbers, minus: joinsNumbers, atSign: joinsNumbers, arithmetic: joinsNumbers,
	comparison: joinsComparison, wordIn: joinsComparison, wordIs: joinsComparison, wordNot: joinsComparison,
	wordAnd: joinsBoolean, wordOr: joinsBoolean,
}

//nolint:gochecknoglobals // a table, never written to
var starts = [kinds]bool{
	nameToken: true, number: true, textToken: true, data: true, fOpen: true, tOpen: true, wordFalse: true, wordNone: true, wordTrue: true,
	wordAwait: true, wordLambda: true, wordNot: true, leftParen: true, leftBracket: true, leftBrace: true, ellipsis: true, plus: true,
	minus: true, tilde: true,
}

// leaves are the tokens that are an expression of their own, with one more than its form; closers are those that nothing goes on after.
// Most expressions are one such token in front of a closer.
//
//nolint:gochecknoglobals // a table, never written to
var leaves = [kinds]form{
	nameToken: formName + 1, number: formLiteral + 1, textToken: formLiteral + 1, wordNone: formNone + 1, wordTrue: formTrue + 1, wordFalse: formFalse + 1,
	ellipsis: formEllipsis + 1,
}

//nolint:gochecknoglobals // a table, never written to
var closers = [kinds]bool{
	comma: true, rightParen: true, rightBracket: true, rightBrace: true, newline: true, colon: true, assign: true,
}

// starExpressions reads expressions and starred ones, with commas between them: what stands behind = and return.
func (p *parser) starExpressions() expr {
	first := p.at
	e := p.starExpression()
	if p.here != comma {
		return e
	}
	out := tupleOf(first)
	out.add(e)
	p.more(&out, (*parser).starExpression)
	return out
}

// more reads further parts of a tuple, list or set; the last may have a comma behind it.
func (p *parser) more(out *expr, part func(*parser) expr) {
	for p.take(comma) && p.startsStarred() {
		out.add(part(p))
	}
}

func (p *parser) startsStarred() bool { return starts[p.here] || p.here == star }

// starExpression reads *x or an expression.
func (p *parser) starExpression() expr {
	if p.here == star {
		return p.starred()
	}
	return p.expression()
}

// starNamed reads *x or an expression that may be named: a part of a tuple, list or set in brackets.
func (p *parser) starNamed() expr {
	if p.here == star {
		return p.starred()
	}
	return p.named()
}

func (p *parser) starred() expr {
	e := expr{nature: nature{form: formStarred}, first: int32(p.at)} //nolint:gosec // see simple
	p.next()
	inner := p.bitOr()
	e.bad, e.badForm = inner.bad, inner.badForm
	return e
}

// named reads an expression, or name := expression.
func (p *parser) named() expr {
	if p.here == nameToken && p.tokens[p.at+1].kind == walrus {
		first := p.at
		p.bind(p.at)
		p.next()
		p.next()
		p.expression()
		return simple(formNamed, first)
	}
	e := p.expression()
	switch p.here {
	case walrus:
		p.unnameable(e)
	case assign:
		p.mistaken(e)
	}
	return e
}

// unnameable stops at := behind anything but a name.
func (p *parser) unnameable(e expr) {
	p.fail(int(e.first), "cannot use assignment expressions with %s", e.form)
}

// mistaken stops at = where == or := was meant.
func (p *parser) mistaken(e expr) {
	if !e.flat || e.form == formTuple || e.form == formList || e.form == formGenerator || e.form == formTrue || e.form == formNone || e.form == formFalse {
		return
	}
	at := p.at
	p.next()
	var after kind
	ok := p.try(func() {
		p.bitOr()
		after = p.here
	})
	p.back(at)
	switch {
	case !ok || after == assign || after == walrus:
	case e.form == formName && !e.group:
		p.fail(int(e.first), "invalid syntax. Maybe you meant '==' or ':=' instead of '='?")
	default:
		p.fail(int(e.first), "cannot assign to %s here. Maybe you meant '==' instead of '='?", e.form)
	}
}

// expression reads one expression: a lambda, a conditional one, or a disjunction.
func (p *parser) expression() expr {
	first := p.at
	if leaf := leaves[p.here]; leaf != 0 {
		if next := p.tokens[first+1].kind; closers[next] {
			p.at, p.here = first+1, next
			if leaf == formName+1 {
				return expr{nature: nature{form: formName, flat: true}, first: int32(first)} //nolint:gosec // see simple
			}
			return simple(leaf-1, first)
		}
	} else if p.here == wordLambda {
		return p.lambda()
	}
	e := p.disjunction()
	if p.here != wordIf {
		if starts[p.here] {
			p.adjacent(e)
		}
		return e
	}
	for n := 0; p.here == wordIf; n++ {
		if n > deepest {
			p.failHere("too deeply nested")
		}
		p.next()
		p.disjunction()
		if p.here != wordElse {
			if p.here != colon {
				p.fail(first, "expected 'else' after 'if' expression")
			}
			p.unexpected()
		}
		p.next()
		if p.here == wordLambda {
			p.lambda()
			break
		}
		first := p.disjunction()
		if starts[p.here] {
			p.adjacent(first)
		}
	}
	e = simple(formConditional, first)
	e.flat = false
	return e
}

// adjacent stops where an expression follows another one. Outside brackets that is for the caller to judge.
func (p *parser) adjacent(e expr) {
	t := p.tokens[e.first]
	if t.kind == nameToken && t.soft == softPrint && p.at == int(e.first)+1 {
		if p.here != leftParen && p.try(func() { p.starExpressions() }) {
			p.fail(int(e.first), "Missing parentheses in call to '%s'. Did you mean %s(...)?", p.text(int(e.first)), p.text(int(e.first)))
		}
		return
	}
	if t.soft != 0 && t.soft != softPrint || t.kind == nameToken && p.tokens[e.first+1].kind == textToken {
		return
	}
	inside := false
	if p.level > 0 && p.try(func() { p.expression(); inside = p.level > 0 }) && inside {
		p.fail(int(e.first), "invalid syntax. Perhaps you forgot a comma?")
	}
}

// disjunction reads operands with all binary operators between them. To recognise them it takes no precedence.
func (p *parser) disjunction() expr {
	var e expr
	if leaves[p.here] != 0 {
		e = p.primary()
	} else {
		e = p.operand(true)
	}
	if joins[p.here] == joinsNothing {
		return e
	}
	first, comparisons, booleans := p.at, false, !e.flat
loop:
	for {
		switch joins[p.here] {
		case joinsNumbers:
			p.next()
			p.operand(false)
		case joinsComparison:
			switch p.here {
			case wordNot:
				if p.tokens[p.at+1].kind != wordIn {
					break loop
				}
				p.next()
			case wordIs:
				if p.tokens[p.at+1].kind == wordNot {
					p.next()
				}
			}
			p.next()
			p.operand(false)
			comparisons = true
		case joinsBoolean:
			p.next()
			p.operand(true)
			booleans = true
		default:
			break loop
		}
	}
	if p.at == first { // a not that no in follows
		return e
	}
	out := simple(formExpression, int(p.opening(e)))
	out.flat = !comparisons && !booleans
	if comparisons && !booleans {
		out.form, out.badForm = formComparison, formComparison
	}
	return out
}

// opening gives the token that an expression really starts with: the parenthesis of a group.
func (p *parser) opening(e expr) int32 {
	if e.group && e.first > 0 && p.tokens[e.first-1].kind == leftParen {
		return e.first - 1
	}
	return e.first
}

// lambda reads a lambda; its body may be another one.
func (p *parser) lambda() expr {
	first := p.at
	p.deeper()
	p.next()
	p.parameters(colon, false)
	p.expect(colon)
	p.expression()
	p.depth--
	e := simple(formLambda, first)
	e.flat = false
	return e
}

// yield reads a yield expression.
func (p *parser) yield() expr {
	first := p.at
	p.next()
	switch {
	case p.take(wordFrom):
		p.expression()
	case p.startsStarred():
		p.starExpressions()
	}
	e := simple(formYield, first)
	e.flat = false
	return e
}
