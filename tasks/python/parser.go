package python

import (
	"bytes"
	"fmt"
)

// deepest bounds the nesting that brackets don't count: signs, lambdas, conditional expressions, f-strings.
const deepest = 1000

// parser recognises the grammar. It makes no tree: an expression leaves behind an expr, a few facts on it, and a reader that wants
// its text takes it by the tokens. Its methods panic with a *failure.
type parser struct {
	src    []byte
	tokens []sourceToken
	here   kind // of tokens[at]
	at     int
	far    int // the farthest token looked at before going back
	level  int // brackets around this place
	depth  int
	reader *reader // collects declarations, if anybody wants them
}

func (p *parser) begin(src []byte, tokens []sourceToken) {
	*p = parser{src: src, tokens: tokens, here: tokens[0].kind, reader: p.reader}
}

func (p *parser) next() {
	p.at++
	p.here = p.tokens[p.at].kind
}

func (p *parser) back(at int) {
	p.far = max(p.far, p.at)
	p.at, p.here = at, p.tokens[at].kind
}

// ahead gives the kind of the n-th token from here.
func (p *parser) ahead(n int) kind {
	if p.at+n < len(p.tokens) {
		return p.tokens[p.at+n].kind
	}
	return endOfFile
}

func (p *parser) take(k kind) bool {
	if p.here == k {
		p.next()
		return true
	}
	return false
}

func (p *parser) expect(k kind) {
	if p.here != k {
		p.unexpected()
	}
	p.next()
}

// colon takes the colon in front of a block.
func (p *parser) colon() {
	if p.here != colon {
		p.failHere("expected ':'")
	}
	p.next()
}

// softly takes the colon of a header after which CPython asks for it only at the end of the line.
func (p *parser) softly() {
	if p.here == newline {
		p.failHere("expected ':'")
	}
	p.expect(colon)
}

func (p *parser) text(i int) []byte { return p.src[p.tokens[i].start:p.tokens[i].end] }

// fail stops at a token.
func (p *parser) fail(token int, format string, args ...any) {
	if len(args) > 0 {
		format = fmt.Sprintf(format, args...)
	}
	panic(&failure{at: int(p.tokens[token].start), message: format})
}

func (p *parser) failHere(format string, args ...any) { p.fail(p.at, format, args...) }

func (p *parser) unexpected() {
	switch p.here {
	case indent:
		p.indentation("unexpected indent")
	case dedent:
		p.indentation("unexpected unindent")
	default:
		p.failHere("invalid syntax")
	}
}

// indentation stops with an error about the line here. Its column is that of the last blank, as CPython has it.
func (p *parser) indentation(message string) {
	at := int(p.tokens[p.at].start)
	_, column := place(p.src, at)
	panic(&failure{at: at, message: message, column: column - 1})
}

// unindented stops where a block was expected, below the line that a token ends.
func (p *parser) unindented(of string, head int) {
	line, _ := place(p.src, int(p.tokens[head].start))
	at := int(p.tokens[p.at].start)
	if at == len(p.src) { // the end of the last line that has something
		at = len(bytes.TrimRight(p.src, "\n"))
	}
	panic(&failure{at: at, message: fmt.Sprintf("expected an indented block after %s on line %d", of, line)})
}

// deeper counts nesting; the caller takes one away when it leaves.
func (p *parser) deeper() {
	if p.depth++; p.depth > deepest {
		p.failHere("too deeply nested")
	}
}

// try tells whether something parses here. It stays where it is.
func (p *parser) try(parse func()) bool {
	before := *p
	f := p.silently(parse)
	far := max(p.far, p.at)
	*p = before
	p.far = far
	return f == nil
}

// reach gives the token at which parsing something from here ends or fails.
func (p *parser) reach(parse func()) int {
	before := *p
	_ = p.silently(parse) // where it ends counts, not how
	at := p.at
	*p = before
	return at
}

// silently parses without a reader, so that what is only tried declares nothing, and stays where that ends. The caller goes back.
func (p *parser) silently(parse func()) (f *failure) {
	defer catch(&f)
	p.reader = nil
	parse()
	return nil
}
