package trace

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// calls evaluates a call.
func (p *path) calls(f *frame, c *python.Call, text string, start int) value {
	if p.spent() {
		return &unknown{text: text, file: f.at.File, start: start}
	}
	callee := p.evaluate(f, c.Func, text, start)
	if name, ok := c.Func.(*python.Name); ok && name.ID == "super" && len(c.Args) == 0 {
		if around := f.inside(); around != nil {
			return &parent{self: around.self, of: around.class}
		}
	}
	var args arguments
	for _, n := range c.Args {
		s, starred := n.(*python.Starred)
		if !starred {
			args.positional = append(args.positional, p.evaluate(f, n, text, start))
			continue
		}
		if l, ok := p.evaluate(f, s.Value, text, start).(*list); ok {
			args.positional = append(args.positional, l.items...)
		} else {
			args.spread = &unknown{text: text, file: f.at.File, start: start}
		}
	}
	for _, k := range c.Keywords {
		v := p.evaluate(f, k.Value, k.Text, start)
		if k.Name != "" {
			args.named = append(args.named, f.given(k, v, start))
			continue
		}
		d, ok := v.(*table)
		if !ok {
			args.open = &unknown{text: "**" + k.Text, file: f.at.File, start: start}
			if u, is := v.(*unknown); is {
				args.open = &unknown{text: "**" + u.text, file: u.file, start: u.start}
			}
			continue
		}
		for _, key := range d.keys {
			args.named = append(args.named, d.values[key])
		}
		if d.open != nil {
			args.open = d.open
		}
	}
	return p.call(f, callee, args, text, start)
}

// inside gives the frame of the method around, if there is one.
func (f *frame) inside() *frame {
	for ; f != nil; f = f.around {
		if f.class != nil {
			return f
		}
	}
	return nil
}

// given gives a keyword with the text that people know it by: that of the place where a name got its value.
func (f *frame) given(k python.Keyword, v value, start int) argument {
	a := argument{name: k.Name, value: v, text: k.Text, file: f.at.File, start: start}
	if n, ok := k.Value.(*python.Name); ok {
		if known, ok := f.get(n.ID); ok && known.text != "" {
			a.text, a.file, a.start = known.text, known.file, known.start
		}
	}
	return a
}

// call calls a value.
//
//nolint:cyclop // one flat switch over what can be called
func (p *path) call(f *frame, callee value, args arguments, text string, start int) value {
	lost := &unknown{text: text, file: f.at.File, start: start}
	if p.depth++; p.spent() {
		p.depth--
		return lost
	}
	defer func() { p.depth-- }()
	switch x := callee.(type) {
	case *target:
		return p.flows(args, nil, lost)
	case *partial:
		return p.call(f, x.of, x.with.and(args), text, start)
	case *closure:
		return p.run(x, args, lost)
	case *wrapper:
		if c, ok := first(args).(*closure); ok {
			c.wraps, c.title = x.of, nil
			return c
		}
	case *class:
		return p.construct(x, args, lost)
	case *object:
		if m := p.member(x, x.of, "__call__", start); m != nil {
			return p.call(f, m, args, text, start)
		}
	case *method:
		return p.done(x, args, lost)
	case *foreign:
		return p.known(f, x, args, lost)
	case *unknown:
		lost.outside = x.outside
		if !x.outside {
			return x
		}
	case *made:
		if x.fn == nil {
			return p.flows(args, x, lost)
		}
	}
	return lost
}

func first(args arguments) value {
	if len(args.positional) == 0 {
		return nil
	}
	return args.positional[0]
}

// and gives the arguments of a partial with those that its call adds.
func (a arguments) and(more arguments) arguments {
	out := arguments{positional: slices.Concat(a.positional, more.positional), named: slices.Clone(a.named), open: a.open, spread: a.spread}
	for _, n := range more.named {
		out.named = slices.DeleteFunc(out.named, func(o argument) bool { return o.name == n.name })
		out.named = append(out.named, n)
	}
	if more.open != nil {
		out.open = more.open
	}
	if more.spread != nil {
		out.spread = more.spread
	}
	return out
}

// flows calls the target, or a decorator that it has made before.
func (p *path) flows(args arguments, before *made, lost *unknown) value {
	out := &made{}
	if before != nil {
		out.options = slices.Clone(before.options)
	}
	if args.spread != nil {
		return args.spread
	}
	fn := first(args)
	for _, a := range args.named {
		if a.name == "fn" || a.name == "__fn" {
			fn = a.value
			continue
		}
		out.options = append(out.options, a)
	}
	if len(args.positional) > 1 {
		out.options = append(out.options, argument{name: "name", value: args.positional[1], text: lost.text, file: lost.file, start: lost.start})
	}
	if args.open != nil && !slices.ContainsFunc(args.named, func(a argument) bool { return a.name == "name" }) { // a second one would be refused
		out.options = append(out.options, argument{value: args.open, text: strings.TrimPrefix(args.open.text, "**"), file: args.open.file, start: args.open.start})
	}
	return p.put(out, fn, lost)
}

// put gives a decorator its function; it stays one where it is given none.
func (p *path) put(out *made, fn value, lost *unknown) value {
	switch x := fn.(type) {
	case *unknown:
		return x
	case nil:
		return out
	case *constant:
		if x.of == nil {
			return out
		}
		p.raised = true
		return lost
	case *method, *foreign, *object, *partial:
		return lost
	case *made:
		p.raised = x.fn != nil // a flow of a flow is refused
		return lost
	}
	out.fn = fn
	if c := base(fn); c != nil && c.fn != nil {
		out.below = len(c.fn.Decorators)
	}
	return out
}

// run goes through the body of a function of the repository.
func (p *path) run(c *closure, args arguments, lost *unknown) value {
	inner := &frame{names: map[string]argument{}, around: c.env, at: python.Place{File: c.file, Script: p.script, Offset: python.Anywhere}, module: c.module}
	if c.env != nil && c.env.names == nil && c.env.around == nil {
		inner.around = nil // the module's own names are looked up where they are needed
	}
	if c.self != nil {
		args.positional = slices.Concat([]value{c.self}, args.positional)
		inner.self, inner.class = c.self, c.owner
	}
	if c.lambda != nil {
		if !p.parameters(inner, c.env, defaultsOf(c.lambda), args, lost) {
			return lost
		}
		return p.evaluate(inner, c.lambda.Body, "the lambda", c.lambda.Start)
	}
	if c.fn == nil || !p.parameters(inner, c.env, p.signature(c), args, lost) {
		return lost
	}
	if c.fn.Async {
		return &unknown{text: lost.text, file: lost.file, start: lost.start}
	}
	block, ok := p.blocks[c.fn]
	if !ok {
		block, _ = c.module.Block(c.fn) // nothing where it can't be read, which no function of a module is
		p.blocks[c.fn] = block
	}
	v, s := p.execute(inner, block)
	switch {
	case s == raises || p.raised:
		p.raised = true
		return &constant{}
	case v == nil:
		return &constant{}
	}
	return v
}
