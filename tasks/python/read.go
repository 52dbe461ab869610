package python

import "unsafe"

// Reader reads one source after the other. It keeps its buffers, so that a tree of many files is read without an allocation per token;
// the modules that it gives don't depend on them. It must not be used by two goroutines at once. The zero value is ready.
type Reader struct {
	tokenizer tokenizer
	parser    parser
	reader    reader
	decoded   []byte
}

// Parse gives what a source declares. The error is a *SyntaxError. The module is made of parts of src, which must not be written to afterwards.
func Parse(src []byte) (*Module, error) { return new(Reader).Parse(src) }

// Parse gives what a source declares. The error is a *SyntaxError. The module is made of parts of src, which must not be written to afterwards.
func (r *Reader) Parse(src []byte) (*Module, error) {
	text, err := r.decode(src)
	if err != nil {
		return nil, err
	}
	// A copy would cost a tenth of the time, and twice the memory where somebody keeps both.
	r.reader.begin(unsafe.String(unsafe.SliceData(text), len(text))) //nolint:gosec // who calls Parse gives the bytes away
	r.parser.reader = &r.reader
	if err := r.recognise(text); err != nil {
		return nil, err
	}
	r.decoded = nil // if it is the module's now
	return r.reader.finish(), nil
}

// Check tells whether a source is Python, and does without its declarations. The error is a *SyntaxError.
func (r *Reader) Check(src []byte) error {
	text, err := r.decode(src)
	if err != nil {
		return err
	}
	r.parser.reader = nil
	return r.recognise(text)
}

// recognise reads a decoded source.
func (r *Reader) recognise(text []byte) error {
	stop := r.tokenizer.run(text)
	p := &r.parser
	p.begin(text, r.tokenizer.tokens)
	wrong := p.run()
	if wrong == nil {
		return nil // a broken token is one that no rule takes, so there is no stop either
	}
	return failed(text, verdict(stop, wrong, p, r.tokenizer.brackets))
}

// run reads the whole module.
func (p *parser) run() (f *failure) {
	defer catch(&f)
	if d := p.reader; d != nil {
		i := p.at
		for p.tokens[i].kind == newline {
			i++
		}
		p.back(i)
		d.out.Doc, d.out.HasDoc = d.doc(p)
	}
	p.module()
	return nil
}

// verdict chooses between the error of the tokenizer and that of the grammar, as CPython does: it reads the tokens to the end once the
// grammar has failed, and prefers what it meets there, unless that is about indentation. A bracket that was never closed counts when the
// grammar failed on a later line than the bracket's.
func verdict(stop, wrong *failure, p *parser, open []bracket) *failure {
	if stop != nil && (stop.firm || p.here == broken) {
		return stop
	}
	if len(open) > 0 && (stop == nil || !stop.firm) {
		last := open[len(open)-1]
		opened, _ := place(p.src, last.at)
		failedAt, _ := place(p.src, int(p.tokens[max(p.at, p.far)].start))
		if p.here == endOfFile || p.here == dedent || failedAt > opened { // within brackets blocks end only where the file does
			char := last.char
			if char == inField {
				char = '{'
			}
			return &failure{at: last.at, message: "'" + string(char) + "' was never closed"}
		}
	}
	return wrong
}
