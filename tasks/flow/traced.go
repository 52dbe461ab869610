package flow

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
	"github.com/flowmage/flowmage/tasks/trace"
)

// What decorators and factories of the repository make of a function is found by package trace, which follows their calls.

func (r *recognizer) tracer() trace.Tracer { return trace.Tracer{Library: r.library, Target: prefects} }

// below follows the decorators of a def up to Prefect's, where others stand below that; nil where none does, or nobody can tell.
func (r *recognizer) below(fn *python.Function, i int) *trace.Flow {
	if i+1 == len(fn.Decorators) {
		return nil
	}
	v := r.tracer().Decorated(r.at(ownerOf(fn), fn.Decorators[i].Start), r.module, fn, i)
	if v.Flow == nil || v.Flow.Function == nil {
		return nil
	}
	return v.Flow
}

// house takes in a def below a decorator of the repository's own that may make flows. It tells whether that one decides what becomes of the def.
func (r *recognizer) house(fn *python.Function, d decorator, i int) bool {
	e := fn.Decorators[i]
	v := r.tracer().Decorated(r.at(ownerOf(fn), e.Start), r.module, fn, i)
	f := r.flowOf(fn)
	switch {
	case v.Flow != nil && v.Flow.Function != nil:
		r.traced(&f, v.Flow)
		r.handed(&f, fn, e, v.Flow)
	case v.Flow == nil && v.Unknown == "":
		if !looksLikeFlow(e.Text) {
			return false
		}
		r.lookalike(fn, e, d)
		return true
	case !d.likely && v.Flow == nil && !strings.Contains(e.Text, "("):
		return false
	default:
		r.unsettled(&f, fn, e, v)
		f.Definition.Below = len(fn.Decorators) - 1 - i
	}
	r.add(f, d)
	r.above(fn, i, f)
	return true
}

// unsettled takes in a def of which nobody can tell what its decorator makes. A name that is written there counts.
func (r *recognizer) unsettled(f *Flow, fn *python.Function, e python.Expr, v trace.Verdict) {
	f.Definition = definitionOf(r.file, r.module, fn)
	given := r.given(fn, e)
	r.settle(f, fn.Name, fn.Doc, given)
	if f.NameExpr != "" || has(given, "name") {
		return
	}
	f.NameExpr = e.Text + " at " + placeOf(r.file, r.module, e.Start)
	if v.Unknown != "" {
		f.NameExpr += ", which uses " + v.Unknown
	}
}

// given gives the keywords that a decorator is called with.
func (r *recognizer) given(fn *python.Function, e python.Expr) []option {
	n, _ := e.Node() // nothing with an error
	call, ok := n.(*python.Call)
	if !ok {
		return nil
	}
	return options(r.at(ownerOf(fn), e.Start), e, call.Keywords)
}

// handed takes a name that a decorator of the repository is given, where that hands on what nobody knows, and says no name itself.
func (r *recognizer) handed(f *Flow, fn *python.Function, e python.Expr, v *trace.Flow) {
	if f.NameExpr == "" || slices.ContainsFunc(v.Options, func(o trace.Option) bool { return o.Name == "name" }) {
		return
	}
	for _, o := range r.given(fn, e) {
		value, known := r.value(o)
		if text, ok := value.(string); ok && known && text != "" && o.keyword.Name == "name" {
			f.Name, f.NameExpr = text, ""
		}
	}
}

// traced fills in what following the calls has shown.
func (r *recognizer) traced(f *Flow, v *trace.Flow) {
	f.Async = v.Function.Async
	f.Definition = definitionOf(v.File, v.Module, v.Function)
	f.Definition.Below = v.Below
	for i, p := range f.Definition.Parameters {
		if text, ok := v.Defaults[p.Name]; ok {
			f.Definition.Parameters[i].Default = text
		}
	}
	given := make([]option, 0, len(v.Options))
	for _, o := range v.Options {
		given = append(given, option{
			keyword: python.Keyword{Name: o.Name, Text: o.Text}, file: o.File, start: o.Start, settled: &settled{o.Value, o.Known},
		})
	}
	r.settle(f, v.Name, v.Function.Doc, given)
}

// factory takes in a variable that a call of the repository's own functions makes a flow.
func (r *recognizer) factory(a *python.Assignment) bool {
	at := r.at(a.Owner, a.Start)
	v := r.tracer().Made(at, r.module, a.Value)
	if v.Flow == nil || v.Flow.Function == nil {
		return false
	}
	name := a.Target
	if a.Owner != "" {
		name = a.Owner + "." + a.Target
	}
	f := Flow{Function: name, File: r.file, Line: r.module.Line(a.Start), Entrypoint: r.file + ":" + name, Reason: r.unavailable(a)}
	r.traced(&f, v.Flow)
	r.add(f, decorator{kind: flowDecorator})
	return true
}
