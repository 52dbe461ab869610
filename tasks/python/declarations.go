package python

import (
	"slices"
	"strings"
)

// inside carries out work in the scope of a class or function.
func (r *reader) inside(scope Scope, owner, name string, work func()) {
	before := *r
	r.scope, r.owner, r.names = scope, owner, append(slices.Clone(r.names), name)
	work()
	r.scope, r.owner, r.names = before.scope, before.owner, before.names
}

func (r *reader) qualified(name string) string {
	return strings.Join(append(slices.Clone(r.names), name), ".")
}

func (r *reader) decorated() {
	var decorators []Expr
	for r.take("@") {
		first := r.at
		r.namedExpression()
		decorators = append(decorators, r.expr(first))
		if r.peek().kind != newline {
			r.unexpected()
		}
		r.at++
	}
	first := r.at
	switch {
	case r.is("class"):
		r.class(decorators, first)
	case r.take("async"), r.is("def"):
		r.function(decorators, first)
	default:
		r.unexpected()
	}
}

func (r *reader) function(decorators []Expr, first int) {
	line, col := r.src.place(r.tokens[first].start)
	f := Function{Scope: r.scope, Line: line, Column: col, Decorators: decorators, Async: r.text(r.tokens[first]) == "async"}
	r.expect("def")
	f.Name = r.name()
	f.QualifiedName = r.qualified(f.Name)
	r.typeParameters()
	r.expect("(")
	f.Parameters = r.parameters()
	r.closing(")")
	if r.take("->") {
		at := r.at
		r.expression()
		f.Returns = r.expr(at)
	}
	index := len(r.out.Functions)
	r.out.Functions = append(r.out.Functions, f)
	r.inside(FunctionScope, "", f.Name, func() {
		r.body(func() { f.Doc, f.HasDoc = r.doc() })
	})
	f.EndLine = r.lastLine()
	r.out.Functions[index] = f
}

// lastLine is the line of the last token before here that has text.
func (r *reader) lastLine() int {
	for i := r.at - 1; i >= 0; i-- {
		if k := r.tokens[i].kind; k != newline && k != indent && k != dedent {
			line, _ := r.src.place(r.tokens[i].end)
			return line
		}
	}
	return 1
}

// typeParameters skips [T: bound = default] behind a name.
func (r *reader) typeParameters() {
	if !r.take("[") {
		return
	}
	for !r.is("]") {
		if !r.take("*") {
			r.take("**")
		}
		r.name()
		if r.take(":") {
			r.expression()
		}
		if r.take("=") {
			r.starExpression()
		}
		if !r.take(",") {
			break
		}
	}
	r.closing("]")
}

func (r *reader) parameters() []Parameter {
	var out []Parameter
	kind, defaulted := PositionalOrKeyword, false
	for !r.is(")") {
		switch {
		case r.is("/"):
			if len(out) == 0 || kind != PositionalOrKeyword {
				r.unexpected()
			}
			r.at++
			for i := range out {
				out[i].Kind = PositionalOnly
			}
		case r.is("*") && r.text(r.tokens[r.at+1]) == ",":
			r.at++
			kind = KeywordOnly
		case r.take("*"):
			out = append(out, r.parameter(VarPositional))
			kind = KeywordOnly
		case r.take("**"):
			out = append(out, r.parameter(VarKeyword))
		default:
			start := r.peek().start
			p := r.parameter(kind)
			if p.Default.Absent() && defaulted && kind == PositionalOrKeyword {
				panic(r.src.fail(start, "parameter without a default follows parameter with a default"))
			}
			defaulted = defaulted || !p.Default.Absent()
			out = append(out, p)
		}
		if !r.take(",") {
			break
		}
	}
	return out
}

func (r *reader) parameter(kind ParameterKind) Parameter {
	p := Parameter{Kind: kind}
	p.Line, p.Column = r.src.place(r.peek().start)
	p.Name = r.name()
	if r.take(":") {
		at := r.at
		r.starExpression()
		p.Annotation = r.expr(at)
	}
	if r.take("=") {
		at := r.at
		r.expression()
		p.Default = r.expr(at)
	}
	return p
}

func (r *reader) class(decorators []Expr, first int) {
	line, col := r.src.place(r.tokens[first].start)
	c := Class{Scope: r.scope, Line: line, Column: col, Decorators: decorators}
	r.expect("class")
	c.Name = r.name()
	c.QualifiedName = r.qualified(c.Name)
	r.typeParameters()
	if r.take("(") {
		for !r.is(")") {
			at := r.at
			r.argument()
			c.Bases = append(c.Bases, r.expr(at))
			if !r.take(",") {
				break
			}
		}
		r.closing(")")
	}
	index := len(r.out.Classes)
	r.out.Classes = append(r.out.Classes, c)
	r.inside(ClassScope, c.QualifiedName, c.Name, func() {
		r.body(func() { c.Doc, c.HasDoc = r.doc() })
	})
	c.EndLine = r.lastLine()
	r.out.Classes[index] = c
}

func (r *reader) argument() {
	switch {
	case r.take("**"):
		r.expression()
	case r.peek().kind == name && r.text(r.tokens[r.at+1]) == "=":
		r.at += 2
		r.expression()
	default:
		r.starExpression()
	}
}
