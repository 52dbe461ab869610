package python

import "slices"

// deepest bounds the nesting of expressions and statements, so that no input can exhaust the stack.
const deepest = 400

// parser walks the tokens of one source. Its methods panic with *SyntaxError.
type parser struct {
	src    *source
	tokens []token
	at     int
	depth  int
}

// guard turns the panic of a parser into an error.
func guard(err *error) {
	if r := recover(); r != nil {
		e, ok := r.(*SyntaxError)
		if !ok {
			panic(r)
		}
		*err = e
	}
}

// Parse reads one module. The error is a *SyntaxError.
func Parse(src []byte) (m *Module, err error) {
	defer guard(&err)
	decoded, err := decode(src)
	if err != nil {
		return nil, err
	}
	s := newSource(decoded)
	p := &parser{src: s, tokens: tokenize(s, false)}
	return p.module(), nil
}

func parseExpression(expr string) (n Node, err error) {
	defer guard(&err)
	s := newSource(expr)
	p := &parser{src: s, tokens: tokenize(s, true)}
	n = p.starExpressions()
	if p.peek().kind != end {
		p.unexpected()
	}
	return n, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) text(t token) string { return p.src.text[t.start:t.end] }

// is tells whether the token here is that operator or reserved word.
func (p *parser) is(word string) bool {
	t := p.tokens[p.at]
	return (t.kind == operator || t.kind == name) && p.text(t) == word
}

func (p *parser) isAny(words ...string) bool {
	return slices.ContainsFunc(words, p.is)
}

// take goes past the word if it is here.
func (p *parser) take(word string) bool {
	if p.is(word) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(word string) {
	if !p.take(word) {
		if word == ":" {
			panic(p.src.fail(p.peek().start, "expected ':'"))
		}
		p.unexpected()
	}
}

func (p *parser) unexpected() {
	t := p.peek()
	switch t.kind {
	case indent:
		panic(p.src.fail(t.end, "unexpected indent"))
	case dedent:
		panic(p.src.fail(t.start, "unexpected unindent"))
	default:
		panic(p.src.fail(t.start, "invalid syntax"))
	}
}

// name takes an identifier.
func (p *parser) name() string {
	t := p.peek()
	if t.kind != name || reserved(p.text(t)) {
		p.unexpected()
	}
	p.at++
	return identifier(p.text(t))
}

// deeper counts nesting; the caller calls p.depth-- when it leaves.
func (p *parser) deeper() {
	if p.depth++; p.depth > deepest {
		panic(p.src.fail(p.peek().start, "too deeply nested"))
	}
}

// expr gives the source of the tokens from index first up to here.
func (p *parser) expr(first int) Expr {
	if p.at <= first {
		return Expr{}
	}
	a, b := p.tokens[first], p.tokens[p.at-1]
	line, column := p.src.place(a.start)
	return Expr{Text: p.src.text[a.start:b.end], Line: line, Column: column}
}
