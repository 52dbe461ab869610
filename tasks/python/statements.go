package python

// reader walks statements and collects declarations.
type reader struct {
	*parser
	out   *Module
	scope Scope
	names []string // enclosing classes and functions
	owner string   // qualified name of the class whose body this is
}

func (p *parser) module() *Module {
	r := &reader{parser: p, out: &Module{}}
	for r.peek().kind == newline {
		r.at++
	}
	r.out.Doc, r.out.HasDoc = r.doc()
	for r.peek().kind != end {
		r.statement()
	}
	return r.out
}

// doc gives the string that the statement here consists of, if it does; it stays where it is.
func (r *reader) doc() (string, bool) {
	at := r.at
	for r.is("(") {
		r.at++
	}
	opened := r.at - at
	if r.peek().kind != text {
		r.at = at
		return "", false
	}
	n := r.joined()
	for ; opened > 0 && r.is(")"); opened-- {
		r.at++
	}
	ends := opened == 0 && (r.peek().kind == newline || r.peek().kind == end || r.is(";"))
	r.at = at
	c, ok := n.(*Constant)
	if !ok || !ends {
		return "", false
	}
	s, ok := c.Value.(string)
	return s, ok
}

func (r *reader) statement() {
	r.deeper()
	defer func() { r.depth-- }()
	t := r.peek()
	if t.kind == indent || t.kind == dedent {
		r.unexpected()
	}
	if t.kind == operator && r.is("@") {
		r.decorated()
		return
	}
	if t.kind == name && r.compound(r.text(t)) {
		return
	}
	r.simpleLine()
}

// compound reads a statement with a block, if the word starts one.
func (r *reader) compound(word string) bool {
	switch word {
	case "def":
		r.function(nil, r.at)
	case "class":
		r.class(nil, r.at)
	case "async":
		r.async()
	case "if":
		r.at++
		r.conditional()
	case "while":
		r.at++
		r.namedExpression()
		r.block()
		r.otherwise()
	case "for":
		r.loop()
	case "try":
		r.try()
	case "with":
		r.with()
	case "match":
		return r.match()
	default:
		return false
	}
	return true
}

func (r *reader) async() {
	first := r.at
	r.at++
	switch {
	case r.is("def"):
		r.function(nil, first)
	case r.is("for"):
		r.loop()
	case r.is("with"):
		r.with()
	default:
		r.unexpected()
	}
}

func (r *reader) conditional() {
	r.namedExpression()
	r.block()
	for r.take("elif") {
		r.namedExpression()
		r.block()
	}
	r.otherwise()
}

func (r *reader) otherwise() {
	if r.take("else") {
		r.block()
	}
}

func (r *reader) loop() {
	r.expect("for")
	r.targets()
	r.expect("in")
	r.starExpressions()
	r.block()
	r.otherwise()
}

func (r *reader) try() {
	r.at++
	r.block()
	handlers := 0
	for r.take("except") {
		handlers++
		r.take("*")
		if !r.is(":") {
			r.list(r.expression)
			if r.take("as") {
				r.name()
			}
		}
		r.block()
	}
	r.otherwise()
	if r.take("finally") {
		r.block()
	} else if handlers == 0 {
		panic(r.src.fail(r.peek().start, "expected 'except' or 'finally' block"))
	}
}

func (r *reader) with() {
	r.expect("with")
	if r.is("(") && r.parenthesizedItems() {
		r.block()
		return
	}
	r.items()
	r.block()
}

func (r *reader) items() {
	for {
		r.expression()
		if r.take("as") {
			r.target()
		}
		if !r.take(",") || r.isAny(":", ")") {
			return
		}
	}
}

// target reads one assignable expression.
func (r *reader) target() {
	start := r.peek().start
	if n := r.bitOr(); !assignable(n) {
		panic(r.src.fail(start, "cannot assign to expression"))
	}
}

// parenthesizedItems reads (a as b, c) if the bracket that opens here ends right before the colon and holds an `as`.
func (r *reader) parenthesizedItems() bool {
	depth, hasAs := 0, false
	for i := r.at; i < len(r.tokens); i++ {
		t := r.tokens[i]
		switch w := r.text(t); {
		case t.kind == operator && opens(w):
			depth++
		case t.kind == operator && closes(w):
			if depth--; depth == 0 {
				if !hasAs || r.text(r.tokens[i+1]) != ":" {
					return false
				}
				r.at++
				r.items()
				r.expect(")")
				return true
			}
		case t.kind == name && w == "as" && depth == 1:
			hasAs = true
		case t.kind == newline || t.kind == end:
			return false
		}
	}
	return false
}

// match reads a match statement; the word is one only when its line ends in a colon and an indented case follows.
func (r *reader) match() bool {
	i := r.at
	for r.tokens[i].kind != newline && r.tokens[i].kind != end {
		i++
	}
	if i+2 >= len(r.tokens) || i-r.at < 2 || r.text(r.tokens[i-1]) != ":" || r.tokens[i].kind != newline ||
		r.tokens[i+1].kind != indent || r.text(r.tokens[i+2]) != "case" {
		return false
	}
	r.at++
	r.list(r.starExpression)
	r.expect(":")
	r.at += 2
	for r.peek().kind != dedent {
		r.expect("case")
		r.pattern()
		r.block()
	}
	r.at++
	return true
}

// pattern skips a pattern with its guard: names that it binds don't matter here, so only the brackets are looked at.
func (r *reader) pattern() {
	if r.is(":") {
		r.unexpected()
	}
	depth := 0
	for {
		t := r.peek()
		w := r.text(t)
		switch {
		case depth == 0 && w == ":" && t.kind == operator:
			return
		case depth == 0 && w == "if" && t.kind == name:
			r.at++
			r.namedExpression()
			return
		case t.kind == newline || t.kind == end:
			r.expect(":")
		case t.kind == operator && opens(w):
			depth++
		case t.kind == operator && closes(w):
			depth--
		}
		r.at++
	}
}

// block reads a colon and a body, on the same line or indented below.
func (r *reader) block() { r.body(func() {}) }

// body is block with a call before its first statement.
func (r *reader) body(enter func()) {
	r.expect(":")
	if r.peek().kind != newline {
		enter()
		r.simpleLine()
		return
	}
	r.at++
	if r.peek().kind != indent {
		panic(r.src.fail(r.peek().start, "expected an indented block"))
	}
	r.at++
	enter()
	for r.peek().kind != dedent && r.peek().kind != end {
		r.statement()
	}
	if r.peek().kind == dedent {
		r.at++
	}
}

func opens(w string) bool { return w == "(" || w == "[" || w == "{" }

func closes(w string) bool { return w == ")" || w == "]" || w == "}" }
