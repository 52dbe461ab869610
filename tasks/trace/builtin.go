package trace

import (
	"slices"
	"strings"
)

// known calls what Python brings.
//
//nolint:cyclop // one flat switch over the functions
func (p *path) known(f *frame, x *foreign, args arguments, lost *unknown) value {
	lost.outside = true
	arg := first(args)
	switch strings.TrimPrefix(x.name, "builtins.") {
	case "functools.partial":
		if len(args.positional) > 0 {
			return &partial{of: arg, with: arguments{positional: args.positional[1:], named: args.named, open: args.open, spread: args.spread}}
		}
	case "functools.wraps":
		return &wrapper{of: arg}
	case "functools.update_wrapper":
		if c, ok := arg.(*closure); ok && len(args.positional) > 1 {
			c.wraps, c.title = args.positional[1], nil
			return c
		}
	case "functools.lru_cache", "functools.cache", "typing.no_type_check", "typing.final", "typing.overload", "staticmethod", "classmethod":
		switch arg.(type) {
		case *closure, *class, *made:
			return arg
		}
		return &foreign{name: "builtins.staticmethod"} // what is called with options gives what does nothing
	case "typing.cast":
		if len(args.positional) == 2 {
			return args.positional[1]
		}
	case "copy.copy", "copy.deepcopy":
		if t, ok := arg.(*table); ok {
			return t.copied()
		}
		if c, ok := arg.(*constant); ok {
			return c
		}
	case "callable", "inspect.isfunction", "inspect.isroutine":
		return callable(arg, lost)
	case "isinstance":
		if len(args.positional) == 2 {
			return p.isInstance(arg, args.positional[1], lost)
		}
	case "inspect.iscoroutinefunction", "asyncio.iscoroutinefunction":
		if c, ok := arg.(*closure); ok && c.fn != nil {
			return &constant{c.fn.Async}
		}
	case "getattr", "hasattr":
		return p.getattr(f, x.name, args, lost)
	case "setattr":
		if name, ok := textOf(nth(args, 1)); ok && len(args.positional) == 3 {
			p.attach(arg, name, argument{value: args.positional[2], text: lost.text, file: lost.file, start: lost.start})
		}
		return &constant{}
	case "print", "object.__init__", "object.__init_subclass__", "warnings.warn":
		return &constant{}
	default:
		return converted(x.name, arg, args, lost)
	}
	return lost
}

// converted calls what makes one plain value of another.
func converted(name string, arg value, args arguments, lost *unknown) value {
	switch kind := strings.TrimPrefix(name, "builtins."); kind {
	case "len":
		switch v := arg.(type) {
		case *list:
			return &constant{int64(len(v.items))}
		case *table:
			if v.open == nil {
				return &constant{int64(len(v.keys))}
			}
		case *constant:
			if s, ok := v.of.(string); ok {
				return &constant{int64(len([]rune(s)))}
			}
		}
	case "str":
		if s, ok := asText(arg); ok {
			return &constant{s}
		}
	case "bool":
		if is, known := truth(arg); known {
			return &constant{is}
		}
	case "dict":
		return dict(args, lost)
	case "list", tuple:
		if l, ok := arg.(*list); ok {
			return &list{items: slices.Clone(l.items), kind: kind}
		}
		if len(args.positional) == 0 {
			return &list{kind: kind}
		}
	}
	return lost
}

func nth(args arguments, i int) value {
	if i < len(args.positional) {
		return args.positional[i]
	}
	return nil
}

func dict(args arguments, lost *unknown) value {
	out := newTable()
	if len(args.positional) > 0 {
		t, ok := args.positional[0].(*table)
		if !ok {
			return lost
		}
		out.join(t)
	}
	for _, a := range args.named {
		out.set(a.name, a)
	}
	if args.open != nil {
		out.opened(args.open)
	}
	return out
}

func (p *path) getattr(f *frame, which string, args arguments, lost *unknown) value {
	name, ok := textOf(nth(args, 1))
	if !ok {
		return lost
	}
	v := p.attribute(f, args.positional[0], name, lost.start)
	_, lacking := v.(*unknown)
	switch {
	case strings.HasSuffix(which, "getattr") && !lacking:
		return v
	case strings.HasSuffix(which, "hasattr") && !lacking:
		return &constant{true}
	}
	return lost
}
