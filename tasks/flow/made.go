package flow

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// made is a flow that an expression makes: flow(function), flow(name="x")(function), or another flow's with_options.
type made struct {
	fn      *python.Function
	file    string
	module  *python.Module
	options []option
	// unknown says why the function can't be known; fn is nil then.
	unknown string
}

// assignments looks for flows that are made by calls and bound to a name.
func (r *recognizer) assignments() {
	known := map[string]bool{}
	for _, name := range r.hiddenNames {
		known[name] = true
	}
	seen := map[int]bool{}
	for i := range r.module.Assignments {
		a := &r.module.Assignments[i]
		if !r.mayMakeFlow(a.Value.Text, known) || seen[a.Value.Start] { // a = b = flow(f) is one flow
			continue
		}
		n, err := a.Value.Node()
		if err != nil {
			continue
		}
		m, ok := r.makes(r.at(a.Owner, a.Start), a.Value, n, deepest)
		if ok && m.fn != nil || r.factory(a) {
			ok = m.fn != nil
			seen[a.Value.Start] = true
		}
		if ok {
			r.assigned(a, m)
		}
	}
}

// mayMakeFlow tells whether it is worth to look at a value: a call in which a name for the decorator may stand.
func (r *recognizer) mayMakeFlow(text string, known map[string]bool) bool {
	whole, _, call := strings.Cut(text, "(")
	if !call {
		return false
	}
	head, _, dotted := strings.Cut(whole, ".")
	if mayHoldFlows([]byte(text)) || strings.Contains(text, "with_options") || known[strings.TrimSpace(head)] {
		return true
	}
	return dotted && r.meaning(strings.TrimSpace(whole), "", python.Anywhere).kind != otherDecorator
}

// assigned takes in a variable that holds a flow.
func (r *recognizer) assigned(a *python.Assignment, m made) {
	name := a.Target
	if a.Owner != "" {
		name = a.Owner + "." + a.Target
	}
	f := Flow{Function: name, File: r.file, Line: r.module.Line(a.Start), Entrypoint: r.file + ":" + name}
	if m.fn == nil {
		f.Name, f.Reason = DefaultName(a.Target), "its parameters can't be known: "+m.unknown
	} else {
		f.Async, f.Definition = m.fn.Async, definitionOf(m.file, m.module, m.fn)
		f.Definition.Below = len(m.fn.Decorators)
		r.settle(&f, m.fn.Name, m.fn.Doc, m.options)
		f.Reason = r.unavailable(a)
	}
	r.add(f, decorator{kind: flowDecorator})
}

// unavailable says why Prefect could not load a variable, or nothing.
func (r *recognizer) unavailable(a *python.Assignment) string {
	switch {
	case r.module.Enclosing(a.Start) != nil:
		return "its class is defined inside of a function"
	case a.Guard == python.WhenMain:
		return `it is defined only when the file is run as a script, below if __name__ == "__main__"`
	default:
		return r.replaced(a.Owner, a.Target, a.Start)
	}
}

// makes tells whether an expression makes a flow, and which.
func (r *recognizer) makes(at python.Place, e python.Expr, n python.Node, left int) (made, bool) {
	call, ok := n.(*python.Call)
	if !ok || left == 0 {
		return made{}, false
	}
	if method, ok := call.Func.(*python.Attribute); ok && method.Attr == "with_options" {
		m, ok := r.flowValue(at, e, method.Value, left-1)
		m.options = slices.Concat(m.options, options(at, e, call.Keywords))
		return m, ok
	}
	d := r.node(at, e, call.Func, left-1)
	if d.kind != flowDecorator {
		return made{}, false
	}
	given := options(at, e, call.Keywords)
	var function python.Node
	for _, k := range call.Keywords {
		if k.Name == "fn" {
			function = k.Value
		}
	}
	if len(call.Args) > 0 {
		function = call.Args[0]
	}
	if len(call.Args) > 1 { // Flow(function, "name")
		given = append(given, option{keyword: python.Keyword{Name: "name", Value: call.Args[1], Text: "its second argument"}, at: at, file: at.File, start: e.Start})
	}
	if function == nil {
		return made{}, false // a decorator with options, not a flow
	}
	m := r.functionOf(at, function)
	m.options = slices.Concat(d.options, given)
	return m, true
}

// functionOf gives the function that an expression names.
func (r *recognizer) functionOf(at python.Place, n python.Node) made {
	dotted, ok := python.Dotted(n)
	if !ok {
		return made{unknown: "its function is an expression"}
	}
	o, ok := r.library.Resolve(at, dotted)
	switch {
	case !ok:
		return made{unknown: dotted + " comes from a module that can't be read"}
	case o.Function == nil || o.Rest != "" && o.Rest != "fn":
		return made{unknown: dotted + " is not a function of this repository"}
	default:
		return made{fn: o.Function, file: o.File, module: o.Module}
	}
}

// flowValue gives the flow that an expression names or makes.
func (r *recognizer) flowValue(at python.Place, e python.Expr, n python.Node, left int) (made, bool) {
	dotted, ok := python.Dotted(n)
	if !ok {
		return r.makes(at, e, n, left)
	}
	o, ok := r.library.Resolve(at, dotted)
	switch {
	case !ok || o.Rest != "":
		return made{}, false
	case o.Function != nil:
		for _, decorating := range o.Function.Decorators {
			place := python.Place{File: o.File, Script: at.Script, Owner: ownerOf(o.Function), Offset: decorating.Start}
			if d := r.valued(place, decorating, left-1); d.kind == flowDecorator {
				return made{fn: o.Function, file: o.File, module: o.Module, options: d.options}, true
			}
		}
	}
	if n, at, ok := o.Value(at.Script); ok {
		return r.flowValue(at, o.Assignment.Value, n, left-1)
	}
	return made{}, false
}
