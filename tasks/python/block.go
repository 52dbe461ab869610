package python

import "strings"

// Statement is one statement of a block. Start is its offset in the file; which of the fields are set depends on what it is.
type Statement struct {
	Start int
	Kind  StatementKind
	// Targets are what an assignment binds, or what is deleted; Value what it is given, or what is returned, or the expression that stands alone, or
	// the test of an if, or what a for goes through. Op is that of an augmented assignment.
	Targets []Node
	Op      string
	Value   Node
	// Text is the source of Value.
	Text string
	// Body is that of an if, a try, a loop or a with; Else what stands in for it, Handlers the blocks of except.
	Body, Else []Statement
	Handlers   [][]Statement
}

// StatementKind is what a statement is.
type StatementKind uint8

// The kinds of statements.
const (
	Nothing   StatementKind = iota // pass, global, assert, and whatever has no meaning here
	Evaluates                      // an expression that stands alone
	Assigns
	Deletes
	Returns
	Raises
	Jumps    // break and continue
	Decides  // if; an elif is an if in its Else
	Tries    // Else has those of else and finally
	Repeats  // for, of which Targets are bound, and while
	Encloses // with, of which Targets are bound
	Declares // a def, a class or an import, which the module has at that offset
)

// Block gives the statements of a function's body. The error is a *SyntaxError, which a function out of the module does not have.
func (m *Module) Block(fn *Function) ([]Statement, error) {
	start := fn.End - len(fn.Body)
	line := 1 + strings.LastIndexByte(m.Source[:start], '\n')
	head, from := "if 1: ", start
	if strings.TrimLeft(m.Source[line:start], " \t\f") == "" {
		head, from = "if 1:\n", line
	}
	source := head + m.Source[from:fn.End] + "\n"
	src := []byte(source)
	var t tokenizer
	if stop := t.run(src); stop != nil {
		return nil, failed(src, stop)
	}
	b := &builder{source: source, entire: true, shift: from - len(head)}
	b.begin(src, t.tokens)
	b.level = 1
	var out []Statement
	if wrong := b.silently(func() {
		b.back(2) // the colon, behind if and 1
		out = b.suited()
	}); wrong != nil {
		return nil, failed(src, wrong)
	}
	return out, nil
}

// suited reads a colon and the block behind it.
func (b *builder) suited() []Statement {
	b.expect(colon)
	var out []Statement
	if !b.take(newline) {
		return b.line(out)
	}
	b.expect(indent)
	for b.here != dedent && b.here != endOfFile {
		out = b.stated(out)
	}
	b.take(dedent)
	return out
}

// line reads the statements of one logical line.
func (b *builder) line(out []Statement) []Statement {
	for b.here != newline && b.here != endOfFile {
		out = append(out, b.plain())
		if !b.take(semicolon) {
			break
		}
	}
	b.take(newline)
	return out
}

func (b *builder) offset() int { return b.shift + int(b.tokens[b.at].start) }

// stated reads one statement, or the simple ones of a line.
func (b *builder) stated(out []Statement) []Statement {
	s := Statement{Start: b.offset()}
	switch b.here {
	case wordDef, wordClass, atSign:
		s.Kind, s.Start = Declares, b.declaration()
	case wordAsync:
		if b.ahead(1) == wordDef {
			s.Kind, s.Start = Declares, b.declaration()
			break
		}
		b.next()
		return b.stated(out)
	case wordIf:
		s = b.decision()
	case wordTry:
		s = b.attempt()
	case wordFor, wordWhile:
		s.Kind = Repeats
		if b.here == wordFor {
			from := b.at
			s.Targets = b.until(from, wordIn)
			b.next()
			s.Value, s.Text = b.shown(b.tuple)
		}
		b.skip(colon)
		s.Body, s.Else = b.suited(), b.alternative()
	case wordWith:
		s.Kind = Encloses
		from := b.at
		s.Targets = b.until(from, colon)
		s.Body = b.suited()
	default:
		if b.here == nameToken && b.tokens[b.at].soft == softMatch && b.matches() {
			return append(out, b.cases(s))
		}
		return b.line(out)
	}
	return append(out, s)
}

// declaration goes past a def or a class, and gives the offset of its first word.
func (b *builder) declaration() int {
	for b.here == atSign {
		b.skip(newline)
		b.next()
	}
	start := b.offset()
	b.skip(colon)
	b.suited()
	return start
}

// skip goes to the next token of a kind that stands in no bracket, nor behind a lambda.
func (b *builder) skip(wanted kind) {
	depth, lambdas := 0, 0
	for ; b.here != endOfFile; b.next() {
		switch b.here {
		case leftParen, leftBracket, leftBrace, field:
			depth++
		case rightParen, rightBracket, rightBrace:
			depth--
		case wordLambda:
			if depth == 0 {
				lambdas++
			}
		case wanted:
			if depth == 0 && (wanted != colon || lambdas == 0) {
				return
			}
			if depth == 0 {
				lambdas--
			}
		case colon:
			if depth == 0 && lambdas > 0 {
				lambdas--
			}
		}
	}
}

// until goes to a token, and gives the names on the way: those that a loop or a with binds are among them.
func (b *builder) until(from int, wanted kind) []Node {
	b.skip(wanted)
	var out []Node
	for i := from; i < b.at; i++ {
		if t := b.tokens[i]; t.kind == nameToken && b.tokens[i-1].kind != dot {
			out = append(out, &Name{ID: identifier(b.source[t.start:t.end])})
		}
	}
	return out
}

// alternative reads an else, if one is here.
func (b *builder) alternative() []Statement {
	if b.take(wordElse) {
		return b.suited()
	}
	return nil
}

// decision reads an if or an elif.
func (b *builder) decision() Statement {
	s := Statement{Kind: Decides, Start: b.offset()}
	b.next()
	s.Value, s.Text = b.shown(b.whole)
	s.Body = b.suited()
	if b.here == wordElif {
		s.Else = []Statement{b.decision()}
	} else {
		s.Else = b.alternative()
	}
	return s
}

// shown reads an expression and gives its text, too.
func (b *builder) shown(of func() Node) (Node, string) {
	from := b.tokens[b.at].start
	n := of()
	return n, b.source[from:b.tokens[b.at-1].end]
}

// attempt reads a try.
func (b *builder) attempt() Statement {
	s := Statement{Kind: Tries, Start: b.offset()}
	b.next()
	s.Body = b.suited()
	for b.here == wordExcept {
		b.skip(colon)
		s.Handlers = append(s.Handlers, b.suited())
	}
	s.Else = b.alternative()
	if b.take(wordFinally) {
		s.Else = append(s.Else, b.suited()...)
	}
	return s
}

// matches tells whether the word match here begins a statement.
func (b *builder) matches() bool {
	for i := b.at; b.tokens[i].kind != endOfFile; i++ {
		if b.tokens[i].kind == newline {
			return b.tokens[i-1].kind == colon && b.tokens[i+1].kind == indent
		}
	}
	return false
}

// cases reads a match as a loop of which nobody knows which part runs.
func (b *builder) cases(s Statement) Statement {
	s.Kind = Repeats
	b.skip(newline)
	b.next()
	b.expect(indent)
	for b.here != dedent && b.here != endOfFile {
		s.Targets = append(s.Targets, b.until(b.at, colon)...)
		s.Body = append(s.Body, b.suited()...)
	}
	b.take(dedent)
	return s
}
