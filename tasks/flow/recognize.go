package flow

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/python"
)

// recognizer finds the flows of one file.
type recognizer struct {
	library       *python.Library
	file          string
	module        *python.Module
	hiddenNames   []string // see hidden
	makers        *makers
	asking        *asking // what makers are asked right now
	flows, others []Flow
	findings      finding.List
}

func (r *recognizer) run() {
	for i := range r.module.Functions {
		if fn := &r.module.Functions[i]; len(fn.Decorators) > 0 {
			r.function(fn)
		}
	}
	r.assignments()
}

// function looks for a flow decorator on a def.
func (r *recognizer) function(fn *python.Function) {
	for i, e := range fn.Decorators {
		d := r.valued(r.at(ownerOf(fn), e.Start), e, deepest)
		switch d.kind {
		case flowDecorator:
			r.decorated(fn, d, i)
			return
		case flowMaker:
			if r.house(fn, d, i) {
				return
			}
		case otherDecorator:
			if looksLikeFlow(e.Text) {
				r.lookalike(fn, e, d)
				return
			}
		}
	}
}

func (r *recognizer) at(owner string, offset int) python.Place {
	return python.Place{File: r.file, Script: path.Dir(r.file), Owner: owner, Offset: offset}
}

// ownerOf gives the qualified name of the class that a method belongs to.
func ownerOf(fn *python.Function) string {
	if fn.Scope != python.ClassScope {
		return ""
	}
	return strings.TrimSuffix(fn.QualifiedName, "."+fn.Name)
}

// looksLikeFlow tells whether a decorator's last name is flow.
func looksLikeFlow(text string) bool {
	name, _, _ := strings.Cut(text, "(")
	name = strings.TrimSpace(name)
	return name == "flow" || strings.HasSuffix(name, ".flow")
}

// flowOf gives what is known of the flow of a def before anybody has looked at its decorators.
func (r *recognizer) flowOf(fn *python.Function) Flow {
	return Flow{
		Function: fn.QualifiedName, File: r.file, Line: r.module.Line(fn.Start), Entrypoint: r.file + ":" + fn.QualifiedName, Async: fn.Async,
		Reason: r.unreachable(fn),
	}
}

// decorated takes in a function with a flow decorator; i is the decorator's index.
func (r *recognizer) decorated(fn *python.Function, d decorator, i int) {
	f := r.flowOf(fn)
	if v := r.below(fn, i); v != nil {
		r.traced(&f, v)
	} else {
		f.Definition = definitionOf(r.file, r.module, fn)
		f.Definition.Below = len(fn.Decorators) - 1 - i
		r.settle(&f, fn.Name, fn.Doc, d.options)
	}
	r.add(f, d)
	r.above(fn, i, f)
}

// above warns of what stands above the decorator that makes a flow.
func (r *recognizer) above(fn *python.Function, i int, f Flow) {
	if above := foreignAbove(fn.Decorators[:i]); above != "" && f.Reason == "" {
		r.findings = append(r.findings, catalogue.New("flow-decorated-again", finding.OfFile(r.file), finding.Finding{
			Position: finding.Position{File: r.file, Line: r.module.Line(fn.Start)},
			Message:  fmt.Sprintf("the decorator @%s stands above the flow's", above),
			Fix:      "put @flow on top",
		}))
	}
}

// foreignAbove gives the first decorator above the flow's that may turn it into something else.
func foreignAbove(above []python.Expr) string {
	for _, e := range above {
		if !binds(e) {
			return e.Text
		}
	}
	return ""
}

// binds tells whether a decorator makes a method that is called without an object.
func binds(e python.Expr) bool { return e.Text == "staticmethod" || e.Text == "classmethod" }

// unreachable says why Prefect could not load a function, or nothing.
func (r *recognizer) unreachable(fn *python.Function) string {
	if f := r.module.Enclosing(fn.Start); f != nil {
		return nestedReason(f)
	}
	if fn.Scope == python.ClassScope && !slices.ContainsFunc(fn.Decorators, binds) {
		return "it is an instance method, which would run without its object: make it a static or a class method"
	}
	switch fn.Guard {
	case python.WhenMain:
		return `it is defined only when the file is run as a script, below if __name__ == "__main__"`
	case python.WhenChecking:
		return "it is defined for type checkers only"
	case python.Always, python.Conditionally, python.Otherwise:
	}
	return r.replaced(ownerOf(fn), fn.Name, fn.Start)
}

func nestedReason(around *python.Function) string {
	return fmt.Sprintf("it is defined inside of the function %s, and Prefect loads what the module has", around.Name)
}

// replaced says what took the name of a flow that was bound at an offset, or nothing. That of one above is likely to be a mistake.
func (r *recognizer) replaced(owner, name string, start int) string {
	b, ok := r.module.Binding(owner, name, python.Anywhere)
	if !ok || b.Start == start {
		return ""
	}
	line := r.module.Line(b.Start)
	if b.Start < start {
		return fmt.Sprintf("it only stands in for the one at line %d", line)
	}
	reason := fmt.Sprintf("its name is bound anew at line %d", line)
	r.findings = append(r.findings, catalogue.New("flow-replaced", finding.OfFile(r.file), finding.Finding{
		Position: finding.Position{File: r.file, Line: r.module.Line(start)}, Message: "this flow can't be loaded: " + reason,
		Fix: "give one of the two another name",
	}))
	return reason
}

// lookalike takes in a function under a decorator that is called flow and is not Prefect's.
func (r *recognizer) lookalike(fn *python.Function, e python.Expr, d decorator) {
	name, _, _ := strings.Cut(e.Text, "(")
	reason := name + " is not Prefect's"
	nested := r.module.Enclosing(fn.Start)
	switch {
	case d.origin == "" && nested != nil: // imported inside of that function, perhaps
		reason = nestedReason(nested)
	case d.origin == "":
		reason += ": nothing in the file says where it comes from"
	case strings.HasPrefix(d.origin, "from "):
		reason = fmt.Sprintf("%s comes %s", name, d.origin)
	default:
		reason += ", but " + d.origin
	}
	r.others = append(r.others, Flow{
		Name: DefaultName(fn.Name), Function: fn.QualifiedName, File: r.file, Line: r.module.Line(fn.Start), Entrypoint: r.file + ":" + fn.QualifiedName, Async: fn.Async,
		Reason: reason, Definition: definitionOf(r.file, r.module, fn),
	}.owned())
}

// add takes in a flow, with the findings about it.
func (r *recognizer) add(f Flow, d decorator) {
	f = f.owned()
	at := finding.Position{File: r.file, Line: f.Line}
	if f.Reason != "" {
		r.others = append(r.others, f)
		return
	}
	f.Loadable = true
	r.flows = append(r.flows, f)
	switch {
	case f.NameExpr != "":
		message := "the flow's name is computed, so it can't be known without running the code: " + f.NameExpr
		fix := fmt.Sprintf("write the name as a string: @flow(name=%q)", f.Name)
		if d.kind == flowMaker {
			message = fmt.Sprintf("the flow is made by a decorator of your own (%s), and its name can't be known without running the code: %s", d.origin, f.NameExpr)
			fix = fmt.Sprintf("give it a name as a string, which the decorator hands on: name=%q; or decorate it with Prefect's own", f.Name)
		}
		r.findings = append(r.findings, catalogue.New("flow-name-computed", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: at, Subject: f.Function, Message: message, Fix: fix,
		}))
	case !legal(f.Name):
		r.findings = append(r.findings, catalogue.New("flow-name-illegal", finding.OfFlow(f.Entrypoint), finding.Finding{
			Position: at, Subject: f.Function,
			Message: fmt.Sprintf("Prefect does not accept the flow name %q", f.Name),
			Fix:     "use a name that has none of / % & < >",
		}))
	}
}

// legal tells whether Prefect accepts a flow's name (Prefect: POST /flows/).
func legal(name string) bool { return name != "" && !strings.ContainsAny(name, "/%&<>") }
