package trace

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// expression evaluates an expression of a file.
func (p *path) expression(f *frame, e python.Expr) value {
	n, err := e.Whole()
	if err != nil {
		return &unknown{text: e.Text, file: f.at.File, start: e.Start}
	}
	return p.evaluate(f, n, e.Text, e.Start)
}

// evaluate gives the value of a node. text and start are those of what people are told it stands in.
//
//nolint:cyclop // one flat switch over the nodes
func (p *path) evaluate(f *frame, n python.Node, text string, start int) value {
	lost := func() value { return &unknown{text: text, file: f.at.File, start: start} }
	if p.spent() {
		return lost()
	}
	p.depth++
	defer func() { p.depth-- }()
	of := func(n python.Node) value { return p.evaluate(f, n, text, start) }
	switch x := n.(type) {
	case *python.Constant:
		return &constant{x.Value}
	case *python.Name, *python.Attribute:
		return p.dotted(f, n, text, start)
	case *python.Call:
		return p.calls(f, x, text, start)
	case *python.Lambda:
		return &closure{lambda: x, file: f.at.File, module: f.module, env: f}
	case *python.Conditional:
		if p.tests(f, x.Test, text, start) {
			return of(x.Then)
		}
		return of(x.Else)
	case *python.Logical:
		return p.logical(f, x, text, start)
	case *python.Not:
		if is, known := truth(of(x.Operand)); known {
			return &constant{!is}
		}
	case *python.Comparison:
		return p.compared(x.Op, of(x.Left), of(x.Right), lost)
	case *python.Binary:
		return p.binary(x.Op, of(x.Left), of(x.Right), lost)
	case *python.Unary:
		if v, ok := p.constant(f, n); ok {
			return v
		}
	case *python.Subscript:
		return p.item(of(x.Value), of(x.Index), lost)
	default:
		return p.displayed(f, n, text, start)
	}
	return lost()
}

// displayed evaluates what stands in brackets or quotes.
func (p *path) displayed(f *frame, n python.Node, text string, start int) value {
	switch x := n.(type) {
	case *python.JoinedString:
		return p.interpolated(f, x, text, start)
	case *python.List:
		return p.listed(f, x.Elements, "list", text, start)
	case *python.Tuple:
		return p.listed(f, x.Elements, tuple, text, start)
	case *python.Set:
		return p.listed(f, x.Elements, "set", text, start)
	case *python.Dict:
		return p.tabled(f, x, text, start)
	default:
		return &unknown{text: text, file: f.at.File, start: start}
	}
}

func (p *path) constant(f *frame, n python.Node) (value, bool) {
	v, ok := p.tracer.Library.Constant(f.at, n)
	return &constant{v}, ok
}

// tests tells which branch a test leads to; where that can't be told, one is chosen.
func (p *path) tests(f *frame, n python.Node, text string, start int) bool {
	if is, known := truth(p.evaluate(f, n, text, start)); known {
		return is
	}
	return p.choose(f.at.File, text, start)
}

func (p *path) logical(f *frame, x *python.Logical, text string, start int) value {
	var v value
	for i, operand := range x.Operands {
		v = p.evaluate(f, operand, text, start)
		if i+1 == len(x.Operands) {
			break
		}
		is, known := truth(v)
		if !known {
			is = p.choose(f.at.File, text+string(rune('0'+i%10)), start)
			if is == (x.Op == "or") {
				return v
			}
			continue
		}
		if is == (x.Op == "or") {
			return v
		}
	}
	return v
}

// dotted follows a name with attributes: what the calls around bind, else what the module has.
func (p *path) dotted(f *frame, n python.Node, text string, start int) value {
	if dotted, ok := python.Dotted(n); ok {
		head, rest, _ := strings.Cut(dotted, ".")
		if a, ok := f.get(head); ok {
			return p.attributes(f, a.value, rest, start)
		}
		at := f.at
		for o := f; o != nil; o = o.around {
			at = o.at
		}
		if o, ok := p.tracer.Library.Resolve(at, dotted); ok {
			return p.found(o)
		}
		return &unknown{text: dotted, file: f.at.File, start: start}
	}
	a, ok := n.(*python.Attribute)
	if !ok {
		return &unknown{text: text, file: f.at.File, start: start}
	}
	return p.attributes(f, p.evaluate(f, a.Value, text, start), a.Attr, start)
}

func (p *path) listed(f *frame, nodes []python.Node, kind, text string, start int) value {
	out := &list{kind: kind}
	for _, n := range nodes {
		s, starred := n.(*python.Starred)
		if !starred {
			out.items = append(out.items, p.evaluate(f, n, text, start))
			continue
		}
		inner, ok := p.evaluate(f, s.Value, text, start).(*list)
		if !ok {
			return &unknown{text: text, file: f.at.File, start: start}
		}
		out.items = append(out.items, inner.items...)
	}
	return out
}

func (p *path) tabled(f *frame, d *python.Dict, text string, start int) value {
	out := newTable()
	for i, k := range d.Keys {
		v := p.evaluate(f, d.Values[i], text, start)
		if k == nil {
			switch x := v.(type) {
			case *table:
				out.join(x)
			default:
				out.opened(&unknown{text: text, file: f.at.File, start: start})
			}
			continue
		}
		key, ok := p.evaluate(f, k, text, start).(*constant)
		word, isText := "", false
		if ok {
			word, isText = key.of.(string)
		}
		if !isText {
			return &unknown{text: text, file: f.at.File, start: start}
		}
		out.set(word, argument{value: v, text: literalOr(v, text), file: f.at.File, start: start})
	}
	return out
}
