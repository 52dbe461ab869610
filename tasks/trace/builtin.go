package trace

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// compared compares two values.
func (*path) compared(op string, left, right value, lost func() value) value {
	switch op {
	case "in", "not in":
		is, known := contains(right, left)
		if !known {
			return lost()
		}
		return &constant{is == (op == "in")}
	case "==", "!=", "is", "is not":
		same, known := equal(left, right)
		if !known {
			return lost()
		}
		return &constant{same == (op == "==" || op == "is")}
	}
	a, ok1 := left.(*constant)
	b, ok2 := right.(*constant)
	if !ok1 || !ok2 {
		return lost()
	}
	x, ok1 := a.of.(int64)
	y, ok2 := b.of.(int64)
	if !ok1 || !ok2 {
		return lost()
	}
	switch op {
	case "<":
		return &constant{x < y}
	case "<=":
		return &constant{x <= y}
	case ">":
		return &constant{x > y}
	default:
		return &constant{x >= y}
	}
}

func equal(a, b value) (same, known bool) {
	for _, v := range []value{a, b} {
		switch v.(type) {
		case *unknown, *foreign, *object:
			return false, false
		}
	}
	x, plain1 := plain(a)
	y, plain2 := plain(b)
	switch {
	case plain1 && plain2:
		switch x.(type) {
		case []any, map[string]any:
			return false, false
		}
		switch y.(type) {
		case []any, map[string]any:
			return false, false
		}
		return x == y, true
	case plain1 != plain2:
		_, c1 := a.(*constant)
		_, c2 := b.(*constant)
		return false, c1 || c2
	default:
		return a == b, a == b
	}
}

func contains(v, what value) (is, known bool) {
	switch x := v.(type) {
	case *table:
		key, ok := textOf(what)
		if !ok {
			return false, false
		}
		_, is := x.values[key]
		return is, is || x.open == nil
	case *list:
		all := true
		for _, i := range x.items {
			same, known := equal(i, what)
			if known && same {
				return true, true
			}
			all = all && known
		}
		return false, all
	case *constant:
		s, ok1 := x.of.(string)
		t, ok2 := textOf(what)
		return strings.Contains(s, t), ok1 && ok2
	}
	return false, false
}

// item gives what stands in a dict or a list.
func (*path) item(of, index value, lost func() value) value {
	switch x := of.(type) {
	case *table:
		if key, ok := textOf(index); ok {
			if a, has := x.values[key]; has {
				return a.value
			}
		}
	case *list:
		c, ok := index.(*constant)
		if !ok {
			break
		}
		n, ok := c.of.(int64)
		if n < 0 {
			n += int64(len(x.items))
		}
		if ok && n >= 0 && n < int64(len(x.items)) {
			return x.items[n]
		}
	case *unknown:
		return x
	}
	return lost()
}

// done calls a method of a dict, a list, a text or a flow.
func (p *path) done(m *method, args arguments, lost *unknown) value {
	switch x := m.of.(type) {
	case *table:
		return x.call(m.name, args, lost)
	case *constant:
		if s, ok := x.of.(string); ok {
			return p.texts(s, m.name, args, lost)
		}
	case *list:
		if m.name == "append" && len(args.positional) == 1 {
			x.items = append(x.items, args.positional[0])
			return &constant{}
		}
	case *made:
		return x.with(args)
	}
	return lost
}

// with gives a flow with other options. Those that are None stay as they are.
func (m *made) with(args arguments) value {
	out := &made{fn: m.fn, options: slices.Clone(m.options), below: m.below}
	for _, a := range args.named {
		if is, known := truth(a.value); a.name != "name" || is || !known {
			out.options = append(out.options, a)
		}
	}
	if args.open != nil {
		out.options = append(out.options, argument{value: args.open, text: args.open.text, file: args.open.file, start: args.open.start})
	}
	return out
}

// call calls a method of a dict.
func (t *table) call(name string, args arguments, lost *unknown) value {
	key, isText := textOf(first(args))
	var fallback value = &constant{}
	if len(args.positional) > 1 {
		fallback = args.positional[1]
	}
	a, has := t.values[key]
	switch name {
	case "get", "pop":
		switch {
		case !isText:
			if name == "pop" {
				t.opened(lost)
			}
			return lost
		case has:
			if name == "pop" {
				t.remove(key)
			}
			return a.value
		case t.open != nil:
			return t.open
		}
		return fallback
	case "setdefault":
		switch {
		case !isText:
			t.open = lost
			return lost
		case has:
			return a.value
		case t.open != nil:
			t.set(key, argument{value: t.open, text: t.open.text, file: t.open.file, start: t.open.start})
			return t.open
		}
		t.set(key, argument{value: fallback, text: literalOr(fallback, lost.text), file: lost.file, start: lost.start})
		return fallback
	case "update":
		if len(args.positional) > 0 {
			other, ok := args.positional[0].(*table)
			if !ok {
				t.opened(lost)
				return &constant{}
			}
			t.join(other)
		}
		for _, n := range args.named {
			t.set(n.name, n)
		}
		if args.open != nil {
			t.opened(args.open)
		}
		return &constant{}
	case "copy":
		return t.copied()
	case "clear":
		*t = *newTable()
		return &constant{}
	case "items", "keys", "values":
		return t.entries(name, lost)
	}
	return lost
}

func (t *table) entries(name string, lost *unknown) value {
	if t.open != nil {
		return lost
	}
	out := &list{kind: "tuple"}
	for _, k := range t.keys {
		switch name {
		case "items":
			out.items = append(out.items, &list{items: []value{&constant{k}, t.values[k].value}, kind: "tuple"})
		case "keys":
			out.items = append(out.items, &constant{k})
		default:
			out.items = append(out.items, t.values[k].value)
		}
	}
	return out
}

// known calls what Python brings.
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
	case "list", "tuple":
		if l, ok := arg.(*list); ok {
			return &list{items: slices.Clone(l.items), kind: strings.TrimPrefix(x.name, "builtins.")}
		}
		if len(args.positional) == 0 {
			return &list{kind: strings.TrimPrefix(x.name, "builtins.")}
		}
	case "getattr", "hasattr":
		return p.getattr(f, x.name, args, lost)
	case "setattr":
		if name, ok := textOf(at(args, 1)); ok && len(args.positional) == 3 {
			p.attach(arg, name, argument{value: args.positional[2], text: lost.text, file: lost.file, start: lost.start})
		}
		return &constant{}
	case "print", "object.__init__", "object.__init_subclass__", "warnings.warn":
		return &constant{}
	}
	return lost
}

func at(args arguments, i int) value {
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
	name, ok := textOf(at(args, 1))
	if !ok {
		return lost
	}
	v := p.attribute(f, args.positional[0], name, lost.start)
	_, unknown := v.(*unknown)
	switch {
	case strings.HasSuffix(which, "getattr") && !unknown:
		return v
	case strings.HasSuffix(which, "hasattr") && !unknown:
		return &constant{true}
	}
	return lost
}

func callable(v value, lost *unknown) value {
	switch x := v.(type) {
	case *closure, *class, *partial, *made, *target, *wrapper, *method:
		return &constant{true}
	case *constant, *list, *table:
		return &constant{false}
	case *object:
		return &constant{!x.of.lacks("__call__")}
	}
	return lost
}

// isInstance tells whether a value is of a type.
func (p *path) isInstance(v, of value, lost *unknown) value {
	if l, ok := of.(*list); ok {
		for _, t := range l.items {
			c, ok := p.isInstance(v, t, lost).(*constant)
			if !ok {
				return lost
			}
			if c.of == true {
				return c
			}
		}
		return &constant{false}
	}
	if c, ok := of.(*class); ok {
		if o, ok := v.(*object); ok && (o.of.of == c.of || len(o.of.of.Bases) == 0) {
			return &constant{o.of.of == c.of}
		}
		return lost
	}
	f, ok := of.(*foreign)
	if !ok {
		return lost
	}
	kind := ""
	switch x := v.(type) {
	case *constant:
		switch x.of.(type) {
		case string:
			kind = "str"
		case bool:
			kind = "bool"
		case int64:
			kind = "int"
		case float64:
			kind = "float"
		case python.Bytes:
			kind = "bytes"
		default:
			kind = "NoneType"
		}
	case *list:
		kind = x.kind
	case *table:
		kind = "dict"
	case *closure:
		kind = "function"
	default:
		return lost
	}
	return matched(kind, f.name, lost)
}

func matched(kind, name string, lost *unknown) value {
	switch strings.TrimPrefix(name, "builtins.") {
	case "str", "int", "float", "bool", "bytes", "list", "tuple", "set", "dict":
		want := strings.TrimPrefix(name, "builtins.")
		return &constant{kind == want || kind == "bool" && want == "int"}
	case "typing.Callable", "collections.abc.Callable", "types.FunctionType":
		return &constant{kind == "function"}
	case "collections.abc.Mapping", "typing.Mapping":
		return &constant{kind == "dict"}
	}
	return lost
}
