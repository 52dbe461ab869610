package trace

import (
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
	kind := kindOf(v)
	if kind == "" {
		return lost
	}
	return matched(kind, f.name, lost)
}

// kindOf gives the name of a value's type, "" for what is not told.
func kindOf(v value) string {
	switch x := v.(type) {
	case *constant:
		switch x.of.(type) {
		case string:
			return "str"
		case bool:
			return "bool"
		case int64:
			return "int"
		case float64:
			return "float"
		case python.Bytes:
			return "bytes"
		default:
			return "NoneType"
		}
	case *list:
		return x.kind
	case *table:
		return "dict"
	case *closure:
		return "function"
	default:
		return ""
	}
}

func matched(kind, name string, lost *unknown) value {
	switch strings.TrimPrefix(name, "builtins.") {
	case "str", "int", "float", "bool", "bytes", "list", tuple, "set", "dict":
		want := strings.TrimPrefix(name, "builtins.")
		return &constant{kind == want || kind == "bool" && want == "int"}
	case "typing.Callable", "collections.abc.Callable", "types.FunctionType":
		return &constant{kind == "function"}
	case "collections.abc.Mapping", "typing.Mapping":
		return &constant{kind == "dict"}
	}
	return lost
}
