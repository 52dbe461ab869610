package python

// The nodes that only a block has: see [Module.Block].
type (
	// Starred is *value, as an argument or in a display.
	Starred struct{ Value Node }
	// Lambda is lambda parameters: body.
	Lambda struct {
		Parameters []Default
		Body       Node
		Start      int // in the file
	}
	// Default is a parameter of a lambda with its default, nil for none.
	Default struct {
		Name  string
		Kind  ParameterKind
		Value Node
	}
	// Conditional is then if test else otherwise.
	Conditional struct{ Test, Then, Else Node }
	// Logical is operands joined by and, or by or.
	Logical struct {
		Op       string
		Operands []Node
	}
	// Not is not operand.
	Not struct{ Operand Node }
	// Comparison is left op right; one of several comparisons in a row is an Other.
	Comparison struct {
		Op          string // as written, with one blank in "not in" and "is not"
		Left, Right Node
	}
)

func (*Starred) node()     {}
func (*Lambda) node()      {}
func (*Conditional) node() {}
func (*Logical) node()     {}
func (*Not) node()         {}
func (*Comparison) node()  {}

// Whole parses the expression as a block has it.
func (e Expr) Whole() (Node, error) {
	return (&builder{source: e.Text, entire: true, shift: e.Start}).parse()
}

// whole reads one expression with the nodes of a block.
func (b *builder) whole() Node {
	first := b.at
	if b.nested++; b.nested > deepest {
		b.failHere("too deeply nested")
	}
	defer func() { b.nested-- }()
	switch {
	case b.here == star:
		b.next()
		return &Starred{b.binary(1)}
	case b.here == wordLambda:
		return b.function()
	case b.here == wordYield, b.here == nameToken && b.ahead(1) == walrus:
		return b.past(first)
	}
	n := b.logical("or", wordOr)
	if b.here != wordIf {
		return n
	}
	b.next()
	test := b.logical("or", wordOr)
	b.expect(wordElse)
	return &Conditional{Test: test, Then: n, Else: b.whole()}
}

// logical reads what or joins, or and.
func (b *builder) logical(op string, word kind) Node {
	operand := func() Node {
		if word == wordOr {
			return b.logical("and", wordAnd)
		}
		return b.negated()
	}
	n := operand()
	if b.here != word {
		return n
	}
	out := &Logical{Op: op, Operands: []Node{n}}
	for b.take(word) {
		out.Operands = append(out.Operands, operand())
	}
	return out
}

func (b *builder) negated() Node {
	negations := 0
	for b.take(wordNot) {
		negations++
	}
	n := b.compared()
	for range negations {
		n = &Not{n}
	}
	return n
}

func (b *builder) compared() Node {
	n := b.binary(1)
	for count := 0; joins[b.here] == joinsComparison; count++ {
		op := string(b.text(b.at))
		if b.here == wordNot && b.ahead(1) != wordIn {
			return n
		}
		b.next()
		if op == "not" || op == "is" && b.here == wordNot {
			op += " " + string(b.text(b.at))
			b.next()
		}
		right := b.binary(1)
		n = Node(&Comparison{Op: op, Left: n, Right: right})
		if count > 0 {
			n = &Other{}
		}
	}
	return n
}

// function reads a lambda.
func (b *builder) function() Node {
	out := &Lambda{Start: b.shift + int(b.tokens[b.at].start)}
	b.next()
	taken := PositionalOrKeyword
	for b.here != colon {
		p := Default{Kind: taken}
		switch {
		case b.take(doubleStar):
			p.Kind = VarKeyword
		case b.take(star):
			p.Kind, taken = VarPositional, KeywordOnly
		case b.take(arithmetic): // the slash
			b.take(comma)
			continue
		}
		if b.here == nameToken { // else a bare star
			p.Name = b.spelled()
			if b.take(assign) {
				p.Value = b.whole()
			}
			out.Parameters = append(out.Parameters, p)
		}
		if !b.take(comma) {
			break
		}
	}
	b.expect(colon)
	out.Body = b.whole()
	return out
}
