package python

import (
	"slices"
	"strings"
)

// span is a range of tokens.
type span struct{ from, to int }

// reader collects declarations while the grammar is recognised.
type reader struct {
	source     string // the decoded source; all text in the module is part of it
	out        *Module
	bodyReader      // the one that is being read
	plain      bool // the source is ASCII

	// What was found so far, in slices that are kept for the next file: a module gets copies of the right size.
	imports     []Import
	functions   []Function
	classes     []Class
	assignments []Assignment
	parameters  []Parameter // of all functions
	ranges      []span      // which of them a function has
}

// bodyReader is where a reader is: a module's, class's or function's.
type bodyReader struct {
	scope Scope
	guard Guard
	path  string // qualified name of the class or function
}

func (r *reader) begin(source string) {
	r.source, r.out = source, &Module{Source: source, known: &contents{}}
	r.bodyReader = bodyReader{}
	r.imports, r.functions, r.classes, r.assignments = r.imports[:0], r.functions[:0], r.classes[:0], r.assignments[:0]
	r.parameters, r.ranges = r.parameters[:0], r.ranges[:0]
}

// finish gives the module that was read, and lets go of it.
func (r *reader) finish() *Module {
	m := r.out
	m.Imports, m.Functions, m.Classes, m.Assignments = kept(r.imports), kept(r.functions), kept(r.classes), kept(r.assignments)
	parameters := kept(r.parameters)
	for i := range m.Functions {
		if s := r.ranges[i]; s.to > s.from {
			m.Functions[i].Parameters = parameters[s.from:s.to:s.to]
		}
	}
	r.out, r.source = nil, ""
	return m
}

// kept copies what a module keeps. The original is emptied, so that it does not hold on to the source.
func kept[T any](list []T) []T {
	if len(list) == 0 {
		return nil
	}
	out := slices.Clone(list)
	clear(list)
	return out
}

func (r *reader) word(p *parser, token int) string {
	t := p.tokens[token]
	if r.plain {
		return r.source[t.start:t.end]
	}
	return identifier(r.source[t.start:t.end])
}

// expr gives the source of some tokens.
func (r *reader) expr(p *parser, s span) Expr {
	if s.to <= s.from {
		return Expr{}
	}
	a, b := int(p.tokens[s.from].start), int(p.tokens[s.to-1].end)
	return Expr{Text: r.source[a:b], Start: a}
}

func (r *reader) exprs(p *parser, spans []span) []Expr {
	if len(spans) == 0 {
		return nil
	}
	out := make([]Expr, 0, len(spans))
	for _, s := range spans {
		out = append(out, r.expr(p, s))
	}
	return out
}

// enter goes into the body of a class or a function with a qualified name, and gives the one around it.
func (r *reader) enter(s Scope, path string) bodyReader {
	before := r.bodyReader
	r.bodyReader = bodyReader{s, Always, path}
	return before
}

func (r *reader) openFunction(p *parser, first, title int, decorators []span) int {
	spelled := r.word(p, title)
	r.functions = append(r.functions, Function{
		Name: spelled, QualifiedName: join(r.path, spelled), Scope: r.scope, Guard: r.guard, Async: p.tokens[first].kind == wordAsync,
		Decorators: r.exprs(p, decorators), Start: int(p.tokens[first].start),
	})
	r.ranges = append(r.ranges, span{len(r.parameters), len(r.parameters)})
	return len(r.functions) - 1
}

// parameter takes one parameter of the function that was opened last.
func (r *reader) parameter(p *parser, token int, k ParameterKind, annotation, value span) {
	r.parameters = append(r.parameters, Parameter{
		Name: r.word(p, token), Kind: k, Start: int(p.tokens[token].start), Annotation: r.expr(p, annotation), Default: r.expr(p, value),
	})
	r.ranges[len(r.ranges)-1].to = len(r.parameters)
}

func (r *reader) positionalOnly() {
	s := r.ranges[len(r.ranges)-1]
	for i := range r.parameters[s.from:s.to] {
		r.parameters[s.from+i].Kind = PositionalOnly
	}
}

func (r *reader) functionDoc(p *parser, index int) {
	f := &r.functions[index]
	f.Doc, f.HasDoc = r.doc(p)
	f.End = int(p.tokens[p.at].start) // for now the body's start
}

func (r *reader) closeFunction(p *parser, index int) {
	f := &r.functions[index]
	end := lastByte(p)
	f.Body = r.source[f.End:max(end, f.End)]
	f.End = end
}

// lastByte gives the end of the last token before here that has text.
func lastByte(p *parser) int {
	for i := p.at - 1; i >= 0; i-- {
		switch p.tokens[i].kind {
		case newline, indent, dedent:
		default:
			return int(p.tokens[i].end)
		}
	}
	return 0
}

func (r *reader) openClass(p *parser, first, title int, decorators []span) int {
	spelled := r.word(p, title)
	r.classes = append(r.classes, Class{
		Name: spelled, QualifiedName: join(r.path, spelled), Scope: r.scope, Guard: r.guard,
		Decorators: r.exprs(p, decorators), Start: int(p.tokens[first].start),
	})
	return len(r.classes) - 1
}

// bases parts a class's arguments at the commas outside brackets.
func (r *reader) bases(p *parser, index int, s span) {
	c := &r.classes[index]
	depth, from := 0, s.from
	for i := s.from; i < s.to; i++ {
		switch p.tokens[i].kind {
		case leftParen, leftBracket, leftBrace, field:
			depth++
		case rightParen, rightBracket, rightBrace:
			depth--
		case comma:
			if depth == 0 {
				c.Bases = append(c.Bases, r.expr(p, span{from, i}))
				from = i + 1
			}
		}
	}
	if from < s.to {
		c.Bases = append(c.Bases, r.expr(p, span{from, s.to}))
	}
}

// doc gives the string that the statement here consists of, if it does.
func (r *reader) doc(p *parser) (string, bool) {
	i := p.at
	opened := 0
	for ; p.tokens[i].kind == leftParen; i++ {
		opened++
	}
	from := i
	for p.tokens[i].kind == textToken {
		i++
	}
	literals := p.tokens[from:i]
	for ; opened > 0 && p.tokens[i].kind == rightParen; i++ {
		opened--
	}
	switch k := p.tokens[i].kind; {
	case len(literals) == 0 || opened > 0 || k != newline && k != semicolon && k != endOfFile:
		return "", false
	case len(literals) == 1:
		return evaluated(r.source[literals[0].start:literals[0].end]), true
	}
	var b strings.Builder
	for _, t := range literals {
		b.WriteString(evaluated(r.source[t.start:t.end]))
	}
	return b.String(), true
}

// imported takes one name of an import statement; name and alias are tokens, or -1 and 0 when there are none.
func (r *reader) imported(p *parser, first, level int, module span, name, alias int) {
	i := Import{Start: int(p.tokens[first].start), Scope: r.scope, Guard: r.guard, Level: level}
	i.Module = r.dotted(p, module)
	if name >= 0 {
		i.Name = r.word(p, name)
	}
	if alias > 0 {
		i.As = r.word(p, alias)
	}
	r.imports = append(r.imports, i)
}

// dotted gives a module's name as one word, without the blanks that Python allows around its dots.
func (r *reader) dotted(p *parser, s span) string {
	if s.to <= s.from {
		return ""
	}
	a, b := p.tokens[s.from], p.tokens[s.to-1]
	whole := r.source[a.start:b.end]
	if !strings.ContainsAny(whole, " \t\\\f\n") {
		return identifier(whole)
	}
	var out strings.Builder
	for i := s.from; i < s.to; i++ {
		out.WriteString(r.word(p, i))
	}
	return out.String()
}

// assigned takes a name that a statement binds.
func (r *reader) assigned(p *parser, target int, annotation, value span) {
	if r.scope == FunctionScope {
		return
	}
	r.assignments = append(r.assignments, Assignment{
		Start: int(p.tokens[target].start), Scope: r.scope, Guard: r.guard, Owner: r.path, Target: r.word(p, target),
		Annotation: r.expr(p, annotation), Value: r.expr(p, value),
	})
}

// aliased takes the name of a type statement.
func (r *reader) aliased(p *parser, target int, value span) {
	if r.scope != FunctionScope {
		r.assigned(p, target, span{}, value)
		r.assignments[len(r.assignments)-1].TypeAlias = true
	}
}

// globally takes a name that a function may bind in the module.
func (r *reader) globally(p *parser, token int) {
	if r.scope == ModuleScope {
		return
	}
	before := r.bodyReader
	r.bodyReader = bodyReader{ModuleScope, Conditionally, ""}
	r.assigned(p, token, span{}, span{})
	r.bodyReader = before
}

// bind takes the name of a walrus.
func (p *parser) bind(token int) {
	if p.reader != nil {
		p.reader.assigned(p, token, span{}, span{})
	}
}

// bindAll takes every name among targets that have no value of their own. It takes the names in subscripts too: that a name is bound
// to something unknown is a safe thing to say.
func (p *parser) bindAll(from, to int) {
	if p.reader == nil || p.reader.scope == FunctionScope {
		return
	}
	for i := from; i < to; i++ {
		if p.tokens[i].kind == nameToken && (i == 0 || p.tokens[i-1].kind != dot) && !slices.Contains([]kind{dot, leftParen, leftBracket}, p.tokens[i+1].kind) {
			p.reader.assigned(p, i, span{}, span{})
		}
	}
}
