package trace

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/python"
)

// wanted is a parameter of a function or a lambda: its default is evaluated where the function stands.
type wanted struct {
	name   string
	kind   python.ParameterKind
	has    bool
	expr   python.Expr
	node   python.Node
	offset int
}

func defaultsOf(l *python.Lambda) []wanted {
	out := make([]wanted, 0, len(l.Parameters))
	for _, p := range l.Parameters {
		out = append(out, wanted{name: p.Name, kind: p.Kind, has: p.Value != nil, node: p.Value, offset: l.Start})
	}
	return out
}

func (*path) signature(c *closure) []wanted {
	out := make([]wanted, 0, len(c.fn.Parameters))
	for _, p := range c.fn.Parameters {
		out = append(out, wanted{name: p.Name, kind: p.Kind, has: !p.Default.Absent(), expr: p.Default, offset: p.Start})
	}
	return out
}

// parameters binds the arguments of a call. It tells whether the call can be made.
func (p *path) parameters(f, around *frame, all []wanted, args arguments, lost *unknown) bool {
	named := map[string]argument{}
	for _, a := range args.named {
		named[a.name] = a
	}
	next := 0
	for _, w := range all {
		var got argument
		switch {
		case w.kind == python.VarPositional:
			f.names[w.name] = argument{value: &list{items: slices.Clone(args.positional[min(next, len(args.positional)):]), kind: tuple}}
			if args.spread != nil {
				f.names[w.name] = argument{value: args.spread}
			}
			next = max(next, len(args.positional))
			continue
		case w.kind == python.VarKeyword:
			continue
		case w.kind != python.KeywordOnly && next < len(args.positional):
			got = argument{value: args.positional[next], text: lost.text, file: lost.file, start: lost.start}
			next++
		default:
			var ok bool
			if got, ok = p.byName(around, w, args, named); !ok {
				p.raised = true
				return false
			}
		}
		f.names[w.name] = got
	}
	return p.others(f, all, args, named, next)
}

// byName gives what a parameter gets that no positional argument is left for.
func (p *path) byName(around *frame, w wanted, args arguments, named map[string]argument) (argument, bool) {
	a, ok := named[w.name]
	switch {
	case ok && w.kind != python.PositionalOnly:
		delete(named, w.name)
		return a, true
	case w.kind != python.KeywordOnly && args.spread != nil:
		return argument{value: args.spread}, true
	case args.open != nil && w.kind != python.PositionalOnly:
		return argument{value: args.open}, true
	case w.has:
		return p.fallback(around, w), true
	default:
		return argument{}, false
	}
}

// others takes in what no parameter of its own has taken.
func (p *path) others(f *frame, all []wanted, args arguments, named map[string]argument, next int) bool {
	for _, w := range all {
		if w.kind != python.VarKeyword {
			continue
		}
		rest := newTable()
		for _, a := range args.named { // in the order of the call
			if left, ok := named[a.name]; ok {
				rest.set(a.name, left)
				delete(named, a.name)
			}
		}
		rest.open = args.open
		f.names[w.name] = argument{value: rest}
	}
	if len(named) > 0 || next < len(args.positional) {
		p.raised = true
		return false
	}
	return true
}

func (p *path) fallback(around *frame, w wanted) argument {
	file := around.at.File
	if w.node != nil {
		return argument{value: p.evaluate(around, w.node, "a default", w.offset), file: file, start: w.offset}
	}
	return argument{value: p.expression(around, w.expr), text: w.expr.Text, file: file, start: w.expr.Start}
}
