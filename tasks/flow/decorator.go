package flow

import (
	"fmt"
	"path"
	"slices"

	"github.com/flowmage/flowmage/tasks/python"
)

// decoratorKind is what a decorator is to us.
type decoratorKind int

const (
	otherDecorator decoratorKind = iota // not Prefect's
	flowDecorator                       // Prefect's, with options that it was given already
	flowMaker                           // something of the repository that calls Prefect's inside: see house.go
)

// decorator is what an expression in front of a def means.
type decorator struct {
	kind    decoratorKind
	likely  bool // of a flowMaker: it looks as if it gives back what came of that
	options []option
	origin  string // what it is, for people: mylib.flow, or core/team.py:3
}

// option is a keyword as written, with the place where its names mean something. It is given at an offset of a file, which is another one
// for what comes from a dict that is imported.
type option struct {
	keyword python.Keyword
	at      python.Place
	file    string
	start   int
	certain bool     // of **: the same call says the name, which a second one could not
	settled *settled // the value, where it was found by following calls
}

type settled struct {
	value any
	known bool
}

// prefects tells whether a full name is that of Prefect's decorator, or of the class behind it, which decorates as well.
func prefects(name string) bool {
	switch name {
	case "prefect.flow", "prefect.flows.flow", "prefect.Flow", "prefect.flows.Flow":
		return true
	}
	return false
}

// deepest bounds how far values are followed that are made of one another.
const deepest = 20

// meaning gives what a dotted name means as a decorator.
func (r *recognizer) meaning(dotted, owner string, offset int) decorator {
	return r.means(python.Place{File: r.file, Script: path.Dir(r.file), Owner: owner, Offset: offset}, dotted, deepest)
}

func (r *recognizer) means(at python.Place, dotted string, left int) decorator {
	o, ok := r.library.Resolve(at, dotted)
	if !ok || left == 0 {
		return decorator{origin: "from a module that can't be read"}
	}
	d := r.originates(at, o, left)
	if d.kind == flowDecorator {
		return d
	}
	for _, rival := range r.library.Rivals(o) { // in Prefect's process the branch runs that imports Prefect
		if other := r.originates(at, rival, left); other.kind == flowDecorator || d.kind == otherDecorator && other.kind == flowMaker {
			d = other
		}
	}
	return d
}

// originates gives what something means as a decorator to which a name leads.
func (r *recognizer) originates(at python.Place, o python.Origin, left int) decorator {
	switch {
	case o.Outside && prefects(o.Name):
		return decorator{kind: flowDecorator}
	case o.Outside:
		return decorator{origin: o.Name}
	case o.File == "" && slices.ContainsFunc(o.Stars, func(m string) bool { return prefects(m + "." + o.Name) }):
		return decorator{kind: flowDecorator}
	case o.File != "":
		return r.local(at, o, left)
	default:
		return decorator{}
	}
}

// local gives what something of the repository means as a decorator.
func (r *recognizer) local(at python.Place, o python.Origin, left int) decorator {
	switch {
	case o.Function != nil:
		d := decorator{origin: placeOf(o.File, o.Module, o.Function.Start)}
		if o.Rest == "" && r.makesFlows(o.File, o.Module, o.Function, left) {
			d.kind, d.likely = flowMaker, r.givesFlows(o.File, o.Module, o.Function)
		}
		return d
	case o.Class != nil:
		d := decorator{origin: placeOf(o.File, o.Module, o.Class.Start)}
		if r.classMakesFlows(o.File, o.Module, o.Class, left) {
			d.kind = flowMaker
		}
		return d
	case o.Assignment == nil:
		return decorator{origin: o.File}
	}
	if o.Rest != "" { // of an object, perhaps
		return r.attribute(at, o, left)
	}
	var d decorator
	if n, at, ok := o.Value(at.Script); ok {
		d = r.node(at, o.Assignment.Value, n, left-1)
	}
	if d.kind == otherDecorator && d.origin == "" {
		d.origin = placeOf(o.File, o.Module, o.Assignment.Start)
	}
	return d
}

// valued gives what an expression means as a decorator: `flow`, `flow(retries=2)`, `functools.partial(flow, retries=2)`, or a name for one.
func (r *recognizer) valued(at python.Place, e python.Expr, left int) decorator {
	n, err := e.Node()
	if err != nil {
		return decorator{}
	}
	return r.node(at, e, n, left)
}

func (r *recognizer) node(at python.Place, e python.Expr, n python.Node, left int) decorator {
	if dotted, ok := python.Dotted(n); ok {
		return r.means(at, dotted, left)
	}
	call, ok := n.(*python.Call)
	if !ok || left == 0 {
		if left > 0 && r.lambdaMakesFlows(at, e) {
			return decorator{kind: flowMaker}
		}
		return decorator{}
	}
	d := r.node(at, e, call.Func, left-1)
	switch {
	case d.kind == otherDecorator && d.origin == "functools.partial" && len(call.Args) == 1:
		d = r.node(at, e, call.Args[0], left-1)
	case d.kind == otherDecorator || d.kind == flowMaker:
		return d
	case len(call.Args) > 0 || named(call.Keywords, "fn"):
		return decorator{} // it makes a flow, which is no decorator
	}
	d.options = append(slices.Clip(d.options), options(at, e, call.Keywords)...)
	return d
}

// placeOf tells people where something stands.
func placeOf(file string, m *python.Module, offset int) string {
	return fmt.Sprintf("%s:%d", file, m.Line(offset))
}

func named(keywords []python.Keyword, name string) bool {
	return slices.ContainsFunc(keywords, func(k python.Keyword) bool { return k.Name == name })
}

func has(given []option, name string) bool {
	return slices.ContainsFunc(given, func(o option) bool { return o.keyword.Name == name })
}

func options(at python.Place, e python.Expr, keywords []python.Keyword) []option {
	out := make([]option, 0, len(keywords))
	for _, k := range keywords {
		out = append(out, option{keyword: k, at: at, file: at.File, start: e.Start + k.Offset, certain: k.Name == "" && named(keywords, "name")})
	}
	return out
}
