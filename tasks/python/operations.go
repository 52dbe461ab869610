package python

// bitOr reads operands with arithmetic between them.
func (p *parser) bitOr() expr {
	e := p.operand(false)
	if joins[p.here] != joinsNumbers {
		return e
	}
	for joins[p.here] == joinsNumbers {
		p.next()
		p.operand(false)
	}
	return simple(formExpression, int(p.opening(e)))
}

// operand reads signs, not and await, and what they stand before.
func (p *parser) operand(mayNegate bool) expr {
	first, negated := p.at, false
	for {
		switch p.here {
		case wordNot:
			if !mayNegate {
				p.unexpected()
			}
			negated = true
		case plus, minus, tilde:
			mayNegate = false
		case wordAwait:
			p.next()
			p.primary()
			if p.tokens[first].kind == wordAwait {
				return simple(formAwait, first)
			}
			return prefixed(first, negated)
		default:
			if p.at == first {
				return p.primary()
			}
			if p.at-first > deepest {
				p.failHere("too deeply nested")
			}
			p.primary()
			return prefixed(first, negated)
		}
		p.next()
	}
}

func prefixed(first int, negated bool) expr {
	e := simple(formExpression, first)
	e.flat = !negated
	return e
}
