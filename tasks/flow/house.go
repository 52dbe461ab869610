package flow

import (
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
	"github.com/flowmage/flowmage/tasks/python"
)

// returned is what a return statement gives back, as far as it starts with a name. With \b in front the search would take ten times as long; what
// a comment says of "noreturn x" does no harm.
var returned = pattern.New(`return\s+([\pL_][\pL\pN_.]*)`)

// makesFlows tells whether a function of the repository may give back what Prefect's decorator, or another maker of flows, gives: then its calls
// are worth to be followed.
func (r *recognizer) makesFlows(file string, m *python.Module, fn *python.Function, left int) bool {
	return strings.Contains(fn.Body, "return") && r.makers.ask(r, spot{file, fn.Start}, func() bool { return left > 0 && r.functionMakesFlows(file, m, fn, left) })
}

func (r *recognizer) functionMakesFlows(file string, m *python.Module, fn *python.Function, left int) bool {
	if mentions(m, fn.Body) && r.usesFlow(file, m, fn.Start, fn.End, fn.Body, left) {
		return true
	}
	return slices.ContainsFunc(returned.FindAllStringSubmatch(fn.Body, -1), func(match []string) bool {
		head, _, _ := strings.Cut(match[1], ".")
		b, ok := m.Binding("", head, python.Anywhere)
		return ok && b.Start != fn.Start && !mayHoldFlows([]byte(head)) && (b.Import != nil || b.Function != nil || b.Class != nil) && r.isMaker(file, match[1], left-1)
	})
}

// usesFlow tells whether a part of a module uses Prefect's decorator, or imports it.
func (r *recognizer) usesFlow(file string, m *python.Module, start, end int, text string, left int) bool {
	for _, i := range m.Imports {
		if i.Start > start && i.Start < end && prefects(i.Module+"."+i.Name) {
			return true
		}
	}
	return slices.ContainsFunc(python.Uses(text), func(name string) bool { return mentions(m, name) && r.isMaker(file, name, left-1) })
}

// givesFlows tells whether a function of the repository looks as if it gives back what came of the decorator: its result, or a function or variable of
// its own.
func (r *recognizer) givesFlows(file string, m *python.Module, fn *python.Function) bool {
	if !mentions(m, fn.Body) {
		return false
	}
	return slices.ContainsFunc(returned.FindAllStringSubmatch(fn.Body, -1), func(match []string) bool {
		name := match[1]
		return strings.Contains(fn.Body, "def "+name+"(") || strings.Contains(fn.Body, name+" = ") || r.isFlow(file, name)
	})
}

// classMakesFlows tells the same of a class.
func (r *recognizer) classMakesFlows(file string, m *python.Module, c *python.Class, left int) bool {
	return r.makers.ask(r, spot{file, c.Start}, func() bool { return left > 0 && r.hasMaker(file, m, c, left) })
}

func (r *recognizer) hasMaker(file string, m *python.Module, c *python.Class, left int) bool {
	text := m.Source[c.Start:c.End]
	if mentions(m, text) && r.usesFlow(file, m, c.Start, c.End, text, left) {
		return true
	}
	return slices.ContainsFunc(c.Bases, func(e python.Expr) bool {
		n, _ := e.Node() // nothing with an error
		dotted, ok := python.Dotted(n)
		if !ok {
			return false
		}
		o, ok := r.library.Resolve(python.Place{File: file, Script: path.Dir(r.file), Offset: c.Start}, dotted)
		return ok && o.Class != nil && o.Rest == "" && r.classMakesFlows(o.File, o.Module, o.Class, left-1)
	})
}

// lambdaMakesFlows tells the same of an expression that is, or has, a lambda.
func (r *recognizer) lambdaMakesFlows(at python.Place, e python.Expr) bool {
	if !strings.Contains(e.Text, "lambda") {
		return false
	}
	m, err := r.library.Module(at.File)
	return err == nil && mentions(m, e.Text) && r.usesFlow(at.File, m, e.Start, e.End(), e.Text, deepest)
}

// attribute tells what an attribute of something means that a module binds to an object of a class.
func (r *recognizer) attribute(at python.Place, o python.Origin, left int) decorator {
	whole := o
	whole.Rest = ""
	d := decorator{origin: placeOf(o.File, o.Module, o.Assignment.Start)}
	n, there, ok := whole.Value(at.Script)
	if ok && r.node(there, o.Assignment.Value, n, left-1).kind == flowMaker {
		d.kind = flowMaker
	}
	return d
}

// mentions tells whether a text may use the decorator: by the word flow, or by the name under which the module imports it.
func mentions(m *python.Module, text string) bool {
	return mayHoldFlows([]byte(text)) || slices.ContainsFunc(m.Imports, func(i python.Import) bool {
		return i.As != "" && mayHoldFlows([]byte(i.Name)) && strings.Contains(text, i.As)
	})
}

// isFlow tells whether a name in a file is Prefect's decorator itself.
func (r *recognizer) isFlow(file, name string) bool {
	o, ok := r.library.Resolve(python.Place{File: file, Script: path.Dir(r.file), Offset: python.Anywhere}, name)
	return ok && o.Outside && prefects(o.Name)
}

// isMaker tells whether a name in a file means Prefect's decorator, or what makes flows.
func (r *recognizer) isMaker(file, name string, left int) bool {
	if left <= 0 {
		return false
	}
	return r.means(python.Place{File: file, Script: path.Dir(r.file), Offset: python.Anywhere}, name, left).kind != otherDecorator
}
