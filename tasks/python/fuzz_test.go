package python

import (
	"errors"
	"testing"
)

// Whatever the bytes are, a source is read or refused at a place inside of it; ranges lie inside it, in order, and what was read once reads
// again on its own.
func FuzzParse(f *testing.F) {
	f.Add([]byte(sample))
	for _, s := range snippets(f) {
		if s.form == "lf" || s.form == "tab" {
			f.Add([]byte(s.source))
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		m, err := Parse(src)
		if (err == nil) != (Check(src) == nil) {
			t.Errorf("Parse and Check differ: %v", err)
		}
		if err != nil {
			if syntax, ok := errors.AsType[*SyntaxError](err); !ok || syntax.Line < 1 || syntax.Column < 1 || syntax.Line > len(src)+1 {
				t.Errorf("error %v", err)
			}
			return
		}
		last := -1
		for i, fn := range m.Functions {
			if _, err := m.Block(&m.Functions[i]); err != nil && !errors.As(err, new(*SyntaxError)) {
				t.Errorf("the block of %s: %v", fn.Name, err)
			}
			if fn.Start <= last || fn.End < fn.Start {
				t.Errorf("%s is at %d to %d, after %d", fn.Name, fn.Start, fn.End, last)
			}
			last = fn.Start
			for _, d := range fn.Decorators {
				again(t, d, 0, fn.Start)
			}
			for _, p := range fn.Parameters {
				again(t, p.Annotation, fn.Start, fn.End)
				again(t, p.Default, fn.Start, fn.End)
			}
		}
		for _, a := range m.Assignments {
			again(t, a.Value, a.Start, a.Start+len(src))
		}
	})
}

func again(t *testing.T, e Expr, from, to int) {
	t.Helper()
	if e.Absent() {
		return
	}
	if e.Start < from || e.End() > to {
		t.Errorf("%q lies at %d, outside of %d to %d", e.Text, e.Start, from, to)
	}
	n, err := e.Node()
	if err != nil && !errors.As(err, new(*SyntaxError)) {
		t.Errorf("%q: %v", e.Text, err)
	}
	if err == nil {
		Literal(n)
	}
}

// An expression on its own is read or refused too.
func FuzzExpression(f *testing.F) {
	for _, s := range snippets(f) {
		if s.form == "bare" {
			f.Add(s.source)
		}
	}
	f.Fuzz(func(t *testing.T, source string) {
		n, err := Expr{Text: source}.Node()
		if whole, wrong := (Expr{Text: source}).Whole(); (wrong == nil) != (err == nil) || wrong == nil && whole == nil {
			t.Errorf("as a whole: %v, %v", whole, wrong)
		}
		if err == nil && n == nil {
			t.Error("neither a node nor an error")
		}
		if err == nil {
			Literal(n)
			Dotted(n)
		}
	})
}
