package python

// signature is what the parameters read so far allow.
type signature struct {
	closing   kind // right parenthesis of a def, colon of a lambda
	annotated bool
	count     int
	defaulted bool
	slash     bool
	star      int // the token of * or *name plus one, or 0
	bare      bool
	named     bool // a name behind *
	rest      bool // **name was read
}

// parameters reads the parameters of a def or a lambda up to the token that closes them, and gives them to the reader.
func (p *parser) parameters(closing kind, annotated bool) {
	s := signature{closing: closing, annotated: annotated}
	for p.here != closing {
		if s.rest {
			p.failHere("arguments cannot follow var-keyword argument")
		}
		switch p.here {
		case arithmetic:
			p.slash(&s)
		case star:
			p.starParameter(&s)
		case doubleStar:
			p.next()
			p.parameter(&s, VarKeyword)
			s.rest = true
		case leftParen:
			p.parenthesizedParameter(&s)
		default:
			k := PositionalOrKeyword
			if s.star > 0 {
				k, s.named = KeywordOnly, true
			}
			p.parameter(&s, k)
		}
		s.count++
		if !p.take(comma) {
			break
		}
	}
	if s.bare && !s.named {
		p.fail(s.star-1, "named arguments must follow bare *")
	}
}

func (p *parser) slash(s *signature) {
	switch {
	case string(p.text(p.at)) != "/":
		p.unexpected()
	case s.slash:
		p.failHere("/ may appear only once")
	case s.star > 0:
		p.failHere("/ must be ahead of *")
	case s.count == 0:
		p.failHere("at least one argument must precede /")
	}
	s.slash = true
	p.next()
	if p.reader != nil && s.annotated {
		p.reader.positionalOnly()
	}
}

func (p *parser) starParameter(s *signature) {
	if s.star > 0 {
		p.failHere("* argument may appear only once")
	}
	s.star = p.at + 1
	p.next()
	switch p.here {
	case comma, s.closing:
		s.bare = true
	default:
		p.parameter(s, VarPositional)
	}
}

func (p *parser) parenthesizedParameter(s *signature) {
	first := p.at
	if !p.try(func() {
		p.next()
		for p.here == nameToken {
			p.next()
			if !p.take(comma) {
				break
			}
		}
		p.expect(rightParen)
	}) {
		p.unexpected()
	}
	if s.closing == colon {
		p.fail(first, "Lambda expression parameters cannot be parenthesized")
	}
	p.fail(first, "Function parameters cannot be parenthesized")
}

// parameter reads one name with what belongs to it.
func (p *parser) parameter(s *signature, k ParameterKind) {
	first := p.at
	p.expect(nameToken)
	annotation, value := span{}, span{}
	if s.annotated && p.take(colon) {
		from := p.at
		if k == VarPositional {
			p.starExpression()
		} else {
			p.expression()
		}
		annotation = span{from, p.at}
	}
	switch {
	case p.here == assign:
		value = p.defaultValue(s, k)
	case s.defaulted && k == PositionalOrKeyword:
		p.fail(first, "parameter without a default follows parameter with a default")
	}
	if p.reader != nil && s.annotated {
		p.reader.parameter(p, first, k, annotation, value)
	}
}

func (p *parser) defaultValue(s *signature, k ParameterKind) span {
	switch k {
	case VarPositional:
		p.failHere("var-positional argument cannot have default value")
	case VarKeyword:
		p.failHere("var-keyword argument cannot have default value")
	case PositionalOrKeyword:
		s.defaulted = true
	}
	equals := p.at
	p.next()
	if p.here == s.closing || p.here == comma {
		p.fail(equals, "expected default value expression")
	}
	from := p.at
	p.expression()
	return span{from, p.at}
}
