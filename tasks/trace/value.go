package trace

import "github.com/flowmage/flowmage/tasks/python"

// value is what an expression gives.
type value any

const tuple = "tuple" // the kind of a list

type (
	// unknown is what the source does not tell: text says what it comes from.
	unknown struct {
		text    string
		file    string
		start   int
		outside bool // it is what something from outside of the repository gives
	}
	// constant is a value of package python: a text, a number, true, false, or nil.
	constant struct{ of any }
	// list is a list, a tuple, or a set.
	list struct {
		items []value
		kind  string
	}
	// table is a dict with texts as keys. open says what may have put others into it.
	table struct {
		keys   []string
		values map[string]argument
		open   *unknown
	}
	// foreign is something outside of the repository, by its full name; builtins have theirs.
	foreign struct{ name string }
	// target is the function that makes flows, made one of those. shared is nil for those that nobody changes.
	target struct{}
	made   struct {
		fn      value
		options []argument
		below   int
	}
	// closure is a function of the repository with the names around it; self is its object or class.
	closure struct {
		fn     *python.Function
		lambda *python.Lambda
		module *python.Module
		file   string
		env    *frame
		self   value
		owner  *class    // whose method it is
		title  *argument // __name__, where something has set it
		wraps  value     // what functools.wraps has said
	}
	// partial is functools.partial.
	partial struct {
		of   value
		with arguments
	}
	// wrapper is functools.wraps(function).
	wrapper struct{ of value }
	// class is one of the repository, object an instance of it.
	class struct {
		of     *python.Class
		module *python.Module
		file   string
		env    *frame
	}
	object struct {
		of     *class
		fields map[string]value
	}
	// method is a method of a value that has none of its own in the repository: of a text, or of a dict.
	method struct {
		of   value
		name string
	}
	// module is a module of the repository.
	module struct{ file string }
	// parent is super().
	parent struct {
		self value
		of   *class
	}
)

// argument is a value that a call is given, with what stands there.
type argument struct {
	name  string
	value value
	text  string
	file  string
	start int
}

// arguments are those of a call. open says what else it may be given by name.
type arguments struct {
	positional []value
	named      []argument
	open       *unknown
	spread     *unknown // positional ones that nobody knows
}

// frame is the names of a call, and where names lead that are none of them.
type frame struct {
	names  map[string]argument
	around *frame
	at     python.Place
	module *python.Module
	class  *class // whose method is called
	self   value
}

// get gives what a name means in a call or in those around it.
func (f *frame) get(name string) (argument, bool) {
	for ; f != nil; f = f.around {
		if a, ok := f.names[name]; ok {
			return a, true
		}
	}
	return argument{}, false
}

func newTable() *table { return &table{values: map[string]argument{}} }

func (t *table) set(name string, a argument) {
	if _, has := t.values[name]; !has {
		t.keys = append(t.keys, name)
	}
	a.name = name
	t.values[name] = a
}

func (t *table) remove(name string) {
	delete(t.values, name)
	for i, k := range t.keys {
		if k == name {
			t.keys = append(t.keys[:i:i], t.keys[i+1:]...)
			return
		}
	}
}

// opened notes that somebody may have put anything into the dict, also in place of what is there.
func (t *table) opened(by *unknown) {
	t.open = by
	for k, a := range t.values {
		a.value = by
		t.values[k] = a
	}
}

// join takes in what another dict has.
func (t *table) join(other *table) {
	if other.open != nil {
		t.opened(other.open)
	}
	for _, k := range other.keys {
		t.set(k, other.values[k])
	}
}

func (t *table) copied() *table {
	out := newTable()
	out.join(t)
	return out
}

// truth tells whether a value counts as true; known is false where nobody can tell.
func truth(v value) (is, known bool) {
	switch x := v.(type) {
	case *constant:
		switch c := x.of.(type) {
		case nil:
			return false, true
		case bool:
			return c, true
		case string:
			return c != "", true
		case int64:
			return c != 0, true
		case float64:
			return c != 0, true
		}
		return false, false
	case *list:
		return len(x.items) > 0, true
	case *table:
		if len(x.keys) > 0 {
			return true, true
		}
		return false, x.open == nil
	case *unknown, *foreign:
		return false, false
	case *object:
		return true, x.of.lacks("__bool__", "__len__")
	default:
		return true, true
	}
}

// plain gives a value as package python gives constants.
func plain(v value) (any, bool) {
	switch x := v.(type) {
	case *constant:
		_, isBytes := x.of.(python.Bytes)
		return x.of, !isBytes
	case *list:
		out := make([]any, 0, len(x.items))
		for _, i := range x.items {
			c, ok := plain(i)
			if !ok || x.kind == "set" {
				return nil, false
			}
			out = append(out, c)
		}
		return out, true
	case *table:
		out := map[string]any{}
		for _, k := range x.keys {
			c, ok := plain(x.values[k].value)
			if !ok {
				return nil, false
			}
			out[k] = c
		}
		return out, x.open == nil
	default:
		return nil, false
	}
}
