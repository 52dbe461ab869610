package python

import "strings"

// simpleLine reads statements without a block up to the end of the line.
func (r *reader) simpleLine() {
	for {
		r.simple()
		if !r.take(";") || r.peek().kind == newline {
			break
		}
	}
	switch r.peek().kind {
	case newline:
		r.at++
	case end:
	default:
		r.unexpected()
	}
}

func (r *reader) simple() {
	t := r.peek()
	if t.kind != name || !r.keyword(r.text(t)) {
		r.assignment()
	}
}

// keyword reads a statement that starts with its own word.
func (r *reader) keyword(word string) bool {
	switch word {
	case "import":
		r.imports()
	case "from":
		r.fromImport()
	case "pass", "break", "continue":
		r.at++
	case "return":
		r.at++
		if r.startsExpression() {
			r.starExpressions()
		}
	case "raise":
		r.at++
		if r.startsExpression() {
			r.expression()
			if r.take("from") {
				r.expression()
			}
		}
	case "global", "nonlocal":
		r.at++
		for r.name(); r.take(","); {
			r.name()
		}
	case "del":
		r.at++
		start := r.peek().start
		if n := r.list(r.bitOr); !assignable(n) {
			panic(r.src.fail(start, "cannot delete expression"))
		}
	case "assert":
		r.at++
		r.expression()
		if r.take(",") {
			r.expression()
		}
	case "type":
		return r.alias()
	default:
		return false
	}
	return true
}

// alias reads `type X = …`; elsewhere type is an ordinary name.
func (r *reader) alias() bool {
	next := r.tokens[r.at+1]
	after := r.text(r.tokens[min(r.at+2, len(r.tokens)-1)])
	if next.kind != name || reserved(r.text(next)) || after != "=" && after != "[" {
		return false
	}
	line, col := r.src.place(r.peek().start)
	r.at++
	target := r.name()
	r.typeParameters()
	r.expect("=")
	at := r.at
	r.expression()
	r.bind(Assignment{Line: line, Column: col, Target: target, Value: r.expr(at)})
	return true
}

func (r *reader) bind(a Assignment) {
	a.Scope, a.Owner = r.scope, r.owner
	r.out.Assignments = append(r.out.Assignments, a)
}

func (r *reader) imports() {
	line, col := r.src.place(r.peek().start)
	r.at++
	for {
		i := Import{Line: line, Column: col, Scope: r.scope, Module: r.dottedName()}
		if r.take("as") {
			i.As = r.name()
		}
		r.out.Imports = append(r.out.Imports, i)
		if !r.take(",") {
			return
		}
	}
}

func (r *reader) dottedName() string {
	parts := []string{r.name()}
	for r.take(".") {
		parts = append(parts, r.name())
	}
	return strings.Join(parts, ".")
}

func (r *reader) fromImport() {
	line, col := r.src.place(r.peek().start)
	r.at++
	i := Import{Line: line, Column: col, Scope: r.scope}
	for r.isAny(".", "...") {
		i.Level += r.peek().end - r.peek().start
		r.at++
	}
	if !r.is("import") {
		i.Module = r.dottedName()
	} else if i.Level == 0 {
		r.unexpected()
	}
	r.expect("import")
	if r.take("*") {
		i.Name = "*"
		r.out.Imports = append(r.out.Imports, i)
		return
	}
	bracket := r.take("(")
	for {
		i.Name, i.As = r.name(), ""
		if r.take("as") {
			i.As = r.name()
		}
		r.out.Imports = append(r.out.Imports, i)
		if !r.take(",") || bracket && r.is(")") {
			break
		}
	}
	if bracket {
		r.closing(")")
	}
}

// augmented are the operators that change a target in place.
const augmented = " += -= *= /= //= %= @= &= |= ^= >>= <<= **= "

// assignment reads an expression statement or any form of assignment.
func (r *reader) assignment() {
	start, first := r.peek().start, r.at
	n := r.starExpressions()
	line, col := r.src.place(start)
	switch t := r.peek(); {
	case t.kind != operator:
		return
	case r.is(":"):
		r.annotated(n, start)
	case strings.Contains(augmented, " "+r.text(t)+" "):
		if !assignable(n) {
			panic(r.src.fail(start, "illegal expression for augmented assignment"))
		}
		r.at++
		r.starExpressions()
	case r.is("="):
		targets := []Node{n}
		at := first
		for r.take("=") {
			if !assignable(targets[len(targets)-1]) {
				panic(r.src.fail(start, "cannot assign to expression here. Maybe you meant '==' instead of '='?"))
			}
			at = r.at
			targets = append(targets, r.starExpressions())
		}
		value := r.expr(at)
		for _, target := range targets[:len(targets)-1] {
			if name, ok := target.(*Name); ok {
				r.bind(Assignment{Line: line, Column: col, Target: name.ID, Value: value})
			}
		}
	}
}

func (r *reader) annotated(n Node, start int) {
	switch n.(type) {
	case *Name, *Attribute, *Subscript:
	default:
		panic(r.src.fail(start, "illegal target for annotation"))
	}
	line, col := r.src.place(start)
	r.at++
	at := r.at
	r.expression()
	a := Assignment{Line: line, Column: col, Annotation: r.expr(at)}
	if r.take("=") {
		at = r.at
		r.starExpressions()
		a.Value = r.expr(at)
	}
	if name, ok := n.(*Name); ok {
		a.Target = name.ID
		r.bind(a)
	}
}
