package trace

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// attributes follows attributes of a value.
func (p *path) attributes(f *frame, v value, rest string, start int) value {
	for rest != "" {
		var name string
		name, rest, _ = strings.Cut(rest, ".")
		v = p.attribute(f, v, name, start)
	}
	return v
}

//nolint:cyclop // one flat switch over what has attributes
func (p *path) attribute(f *frame, v value, name string, start int) value {
	lost := &unknown{text: "." + name, file: f.at.File, start: start}
	switch x := v.(type) {
	case *unknown:
		return x
	case *foreign:
		return p.outside(strings.TrimPrefix(x.name+"."+name, "builtins."))
	case *module:
		at := python.Place{File: x.file, Script: p.script, Offset: python.Anywhere}
		if o, ok := p.tracer.Library.Resolve(at, name); ok {
			return p.found(o)
		}
	case *object:
		if got, ok := x.fields[name]; ok {
			return got
		}
		if m := p.member(x, x.of, name, start); m != nil {
			return m
		}
	case *class:
		if m := p.member(x, x, name, start); m != nil {
			return m
		}
		if name == "__name__" {
			return &constant{x.of.Name}
		}
	case *parent:
		if m := p.inherited(x, name, start); m != nil {
			return m
		}
		return &foreign{name: "builtins.object." + name}
	case *closure:
		if got := p.ofFunction(x, name); got != nil {
			return got
		}
	case *partial:
		if name == "func" {
			return x.of
		}
	case *made:
		switch {
		case name == "fn" && x.fn != nil:
			return x.fn
		case name == "with_options":
			return &method{of: x, name: name}
		}
	case *target:
		return lost
	case *constant, *table, *list:
		return &method{of: v, name: name}
	}
	return lost
}

// ofFunction gives an attribute of a function, nil for what is not known of it.
func (p *path) ofFunction(c *closure, name string) value {
	switch name {
	case "__name__", "__qualname__":
		return p.title(c).value
	case "__doc__":
		if c.fn != nil && c.fn.HasDoc {
			return &constant{c.fn.Doc}
		}
		return &constant{}
	case "__wrapped__":
		return c.wraps
	default:
		return nil
	}
}

// title gives a function's __name__.
func (p *path) title(c *closure) argument {
	switch {
	case c.title != nil:
		return *c.title
	case c.wraps != nil:
		if inner, ok := c.wraps.(*closure); ok {
			return p.title(inner)
		}
		return argument{value: &unknown{text: "__name__", file: c.file}}
	case c.fn != nil:
		return argument{value: &constant{c.fn.Name}}
	default:
		return argument{value: &constant{"<lambda>"}}
	}
}

// construct makes an object.
func (p *path) construct(c *class, args arguments, lost *unknown) value {
	o := &object{of: c, fields: map[string]value{}}
	if p.isFlowClass(c) {
		return p.flows(args, nil, lost)
	}
	if m, ok := p.member(c, c, "__new__", lost.start).(*closure); ok {
		m.self = c
		got := p.run(m, args, lost)
		if x, ok := got.(*object); !ok || x.of.of != c.of {
			return got
		}
	}
	if m := p.member(o, c, "__init__", lost.start); m != nil {
		if u, ok := m.(*unknown); ok {
			return u
		}
		if x, ok := m.(*closure); ok {
			if u, ok := p.run(x, args, lost).(*unknown); ok && u == lost {
				return lost
			}
		}
		return o
	}
	if p.isData(c) {
		p.data(o, args)
	}
	return o
}

// isFlowClass tells whether a class is a kind of Prefect's own that is made as that is.
func (p *path) isFlowClass(c *class) bool {
	return c.hasNone("__init__", "__new__") && slices.ContainsFunc(c.of.Bases, func(e python.Expr) bool {
		switch b := p.expression(p.body(c, c.of.Start), python.Expr{Text: strings.TrimSpace(headOfBase(e.Text)), Start: e.Start}).(type) {
		case *target:
			return true
		case *class:
			return b.of != c.of && p.depth < mostDepth && p.isFlowClass(b)
		default:
			return false
		}
	})
}

// headOfBase gives a base without its type parameters.
func headOfBase(text string) string {
	head, _, _ := strings.Cut(text, "[")
	return head
}

// isData tells whether a class is a dataclass, or gets its __init__ in the same way.
func (p *path) isData(c *class) bool {
	for _, d := range c.of.Decorators {
		if strings.Contains(d.Text, "dataclass") || strings.HasPrefix(d.Text, "attr") || strings.HasPrefix(d.Text, "define") || strings.HasPrefix(d.Text, "frozen") {
			return true
		}
	}
	return slices.ContainsFunc(c.of.Bases, func(e python.Expr) bool {
		return e.Text == "BaseModel" || strings.HasSuffix(e.Text, ".BaseModel") || e.Text == "NamedTuple"
	})
}

// data fills the fields of a dataclass.
func (p *path) data(o *object, args arguments) {
	assignments, _ := o.of.module.Members(o.of.of.QualifiedName)
	next := 0
	for _, a := range assignments {
		if a.Annotation.Absent() || strings.HasPrefix(a.Annotation.Text, "ClassVar") {
			continue
		}
		var v value = &unknown{text: a.Target, file: o.of.file, start: a.Start}
		switch i := slices.IndexFunc(args.named, func(x argument) bool { return x.name == a.Target }); {
		case next < len(args.positional):
			v = args.positional[next]
		case i >= 0:
			v = args.named[i].value
		case args.open != nil:
			v = args.open
		case !a.Value.Absent() && !strings.Contains(a.Value.Text, "field(") && !strings.Contains(a.Value.Text, "Field("):
			v = p.expression(o.of.env, a.Value)
		}
		next++
		o.fields[a.Target] = v
	}
}

// member gives what a class has under a name, bound to an object or the class; nil for nothing, unknown where a base from outside may have it.
func (p *path) member(self value, c *class, name string, start int) value {
	if p.depth++; p.depth > mostDepth {
		p.depth--
		return &unknown{text: name, file: c.file, start: start}
	}
	defer func() { p.depth-- }()
	b, ok := c.module.Binding(c.of.QualifiedName, name, python.Anywhere)
	switch {
	case !ok:
		return p.inherited(&parent{self: self, of: c}, name, start)
	case b.Function != nil:
		return p.methodOf(self, c, b.Function)
	case b.Class != nil:
		return &class{of: b.Class, module: c.module, file: c.file, env: c.env}
	case b.Assignment != nil && !b.Assignment.Value.Absent():
		return p.expression(p.body(c, b.Assignment.Start), b.Assignment.Value)
	default:
		return &unknown{text: name, file: c.file, start: b.Start}
	}
}

// body is the frame of a class's body.
func (p *path) body(c *class, start int) *frame {
	if c.env.names != nil { // of a class in a function
		return c.env
	}
	return &frame{at: python.Place{File: c.file, Script: p.script, Owner: c.of.QualifiedName, Offset: start}, module: c.module}
}

func (p *path) methodOf(self value, c *class, fn *python.Function) value {
	m := &closure{fn: fn, module: c.module, file: c.file, env: c.env, owner: c}
	_, onClass := self.(*class)
	var rest []python.Expr
	static := false
	for i, d := range fn.Decorators {
		switch d.Text {
		case "staticmethod":
			static, onClass = true, true
		case "classmethod":
			static, m.self = false, &class{of: c.of, module: c.module, file: c.file, env: c.env}
			if x, ok := self.(*class); ok {
				m.self = x
			}
			onClass = true
		case "property":
			m.self = self
			return p.run(m, arguments{}, &unknown{text: fn.Name, file: c.file, start: fn.Start})
		default:
			rest = fn.Decorators[i:]
		}
	}
	if len(rest) > 0 && !static {
		if v := p.decorated(p.body(c, fn.Start), m, rest[len(rest)-1:]); v != value(m) {
			return v
		}
	}
	if !onClass {
		m.self = self
	}
	return m
}

// inherited looks for a member in the bases of a class.
func (p *path) inherited(x *parent, name string, start int) value {
	for _, e := range x.of.of.Bases {
		if strings.Contains(e.Text, "=") {
			continue
		}
		switch b := p.expression(p.body(&class{of: x.of.of, module: x.of.module, file: x.of.file, env: x.of.env}, x.of.of.Start), e).(type) {
		case *class:
			if m := p.member(x.self, b, name, start); m != nil {
				return m
			}
		case *foreign:
			if !harmless(b.name) && (!strings.HasPrefix(name, "__") || name == "__call__" || name == "__init__") && !p.isData(x.of) {
				return &unknown{text: x.of.of.Name + "." + name, file: x.of.file, start: x.of.of.Start}
			}
		case *unknown:
			if !strings.Contains(e.Text, "[") { // Generic[T] and Protocol[T]
				return &unknown{text: x.of.of.Name + "." + name, file: x.of.file, start: x.of.of.Start}
			}
		}
	}
	return nil
}

// harmless tells of a base that brings no method that matters here.
func harmless(name string) bool {
	switch name {
	case "builtins.object", "abc.ABC", "typing.Generic", "typing.Protocol", "enum.Enum":
		return true
	}
	return false
}

// hasNone tells whether the body of a class binds none of some names.
func (c *class) hasNone(names ...string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return len(c.module.Bindings(c.of.QualifiedName, name)) > 0 })
}

// lacks tells whether a class, and nothing above it, has some names.
func (c *class) lacks(names ...string) bool {
	return c.hasNone(names...) && len(c.of.Bases) == 0
}
