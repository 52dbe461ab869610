package trace

import (
	"slices"
)

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
		return t.setdefault(args, lost)
	case "update":
		t.update(args, lost)
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

func (t *table) setdefault(args arguments, lost *unknown) value {
	key, isText := textOf(first(args))
	a, has := t.values[key]
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
	var fallback value = &constant{}
	if len(args.positional) > 1 {
		fallback = args.positional[1]
	}
	t.set(key, argument{value: fallback, text: literalOr(fallback, lost.text), file: lost.file, start: lost.start})
	return fallback
}

func (t *table) update(args arguments, lost *unknown) {
	if len(args.positional) > 0 {
		other, ok := args.positional[0].(*table)
		if !ok {
			t.opened(lost)
			return
		}
		t.join(other)
	}
	for _, n := range args.named {
		t.set(n.name, n)
	}
	if args.open != nil {
		t.opened(args.open)
	}
}

func (t *table) entries(name string, lost *unknown) value {
	if t.open != nil {
		return lost
	}
	out := &list{kind: tuple}
	for _, k := range t.keys {
		switch name {
		case "items":
			out.items = append(out.items, &list{items: []value{&constant{k}, t.values[k].value}, kind: tuple})
		case "keys":
			out.items = append(out.items, &constant{k})
		default:
			out.items = append(out.items, t.values[k].value)
		}
	}
	return out
}
