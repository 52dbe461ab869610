// Package trace tells what the repository's own functions give back, without running anything: what becomes of a function below a decorator of
// the team's own, or what a factory makes of its arguments.
//
// Start with [Tracer.Decorated] and [Tracer.Made]. A call is followed through functions, closures, lambdas, functools.partial and objects with
// __call__ (call.go, object.go), statement by statement (execute.go), on values that are known or not (value.go, text.go). Where a test can't be
// told from the source, both ways are followed, one after the other (path.go), and what they give is put together (verdict.go). What depends
// on anything outside of the repository is unknown, and says where; it is never guessed.
package trace

import (
	"fmt"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// Tracer follows calls in one repository to one function from outside, under all of its names.
type Tracer struct {
	Library *python.Library
	// Target tells whether a full name is that of the function: called with a function it makes a flow of it, otherwise a decorator.
	Target func(name string) bool
}

// Verdict is what an expression gives, as far as the source tells.
type Verdict struct {
	// Flow is set where at least one way through the code makes a flow.
	Flow *Flow
	// Unknown says why nobody can tell, where nothing is known to make one; empty otherwise.
	Unknown string
}

// Flow is a function that the target was given, with the keywords.
type Flow struct {
	// Name is the function's own name, which a wrapper may have taken over; Function is the one whose parameters count, nil for one outside of
	// the repository.
	Name     string
	Function *python.Function
	Module   *python.Module
	File     string
	// Below is how many of the function's decorators stand below the one that makes the flow.
	Below int
	// Defaults are those of the parameters that are made of what is bound around the function, as literals.
	Defaults map[string]string
	Options  []Option
}

// Option is a keyword that the target was given. One without a name is an unknown number of them, which may have any name.
type Option struct {
	Name  string
	Value any // as package python gives constants
	Known bool
	Text  string // as written where it comes from
	File  string
	Start int
}

// Decorated tells what becomes of a function of a module with its decorators from the i-th on, which is the uppermost that counts.
func (t Tracer) Decorated(at python.Place, m *python.Module, fn *python.Function, i int) Verdict {
	return t.follow(at, func(p *path) value {
		f := p.top(at, m)
		var v value = &closure{fn: fn, file: at.File, module: m, env: f}
		return p.decorated(f, v, fn.Decorators[i:])
	})
}

// Made tells what an expression of a module gives.
func (t Tracer) Made(at python.Place, m *python.Module, e python.Expr) Verdict {
	return t.follow(at, func(p *path) value { return p.expression(p.top(at, m), e) })
}

// decorated puts decorators on what they stand above, from the last to the first.
func (p *path) decorated(f *frame, v value, decorators []python.Expr) value {
	for i, e := range slices.Backward(decorators) {
		d := p.expression(f, e)
		_, was := v.(*made)
		c, isFunction := v.(*closure)
		switch after := p.call(f, d, arguments{positional: []value{v}}, e.Text, e.Start); x := after.(type) {
		case *made:
			if !was && isFunction && base(x.fn) == c {
				x.below = len(decorators) - 1 - i
			}
			v = after
		case *unknown:
			if name, outside := d.(*foreign); isFunction && (outside || called(d)) && !strings.HasPrefix(nameOf(name), "contextlib.") {
				continue // it wraps the function as functools has it, as all do that are in use
			}
			v = after
		default:
			v = after
		}
	}
	return v
}

// base gives the function whose parameters count: that which a wrapper wraps.
func base(v value) *closure {
	c, _ := v.(*closure)
	for c != nil && c.wraps != nil {
		inner, ok := c.wraps.(*closure)
		if !ok {
			return nil
		}
		c = inner
	}
	return c
}

func nameOf(f *foreign) string {
	if f == nil {
		return ""
	}
	return f.name
}

// called tells whether a decorator comes from a call of something outside.
func called(v value) bool {
	u, ok := v.(*unknown)
	return ok && u.outside
}

// place tells people where something stands.
func (p *path) place(file string, start int) string {
	m, err := p.tracer.Library.Module(file)
	if err != nil {
		return file
	}
	return fmt.Sprintf("%s:%d", file, m.Line(start))
}
