package trace

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// assigns binds what stands left of =.
func (p *path) assigns(f *frame, s *python.Statement) {
	v := p.evaluate(f, s.Value, s.Text, s.Start)
	lost := func() value { return &unknown{text: s.Text, file: f.at.File, start: s.Start} }
	for _, t := range s.Targets {
		if s.Op != "" {
			v = p.augmented(s.Op, p.evaluate(f, t, s.Text, s.Start), v, lost)
		}
		a := argument{value: v, text: s.Text, file: f.at.File, start: s.Start}
		if inner, ok := t.(*python.Tuple); ok {
			p.unpack(f, inner.Elements, a)
			continue
		}
		p.bind(f, t, a)
	}
}

func (p *path) augmented(op string, left, right value, lost func() value) value {
	if t, ok := left.(*table); ok && op == "|" {
		if other, ok := right.(*table); ok {
			t.join(other)
			return t
		}
	}
	return p.binary(op, left, right, lost)
}

// unpack binds several names to the parts of a value, or one to all of it.
func (p *path) unpack(f *frame, targets []python.Node, a argument) {
	if len(targets) == 1 {
		p.bind(f, targets[0], a)
		return
	}
	parts, _ := a.value.(*list)
	for i, t := range targets {
		part := a
		part.value = &unknown{text: a.text, file: a.file, start: a.start}
		if parts != nil && len(parts.items) == len(targets) {
			part.value = parts.items[i]
		}
		p.bind(f, t, part)
	}
}

// bind gives a value to a name, an attribute, or a key.
func (p *path) bind(f *frame, to python.Node, a argument) {
	switch t := to.(type) {
	case *python.Name:
		if f.names != nil {
			f.names[t.ID] = a
		}
	case *python.Attribute:
		p.attach(p.evaluate(f, t.Value, a.text, a.start), t.Attr, a)
	case *python.Subscript:
		d, ok := p.evaluate(f, t.Value, a.text, a.start).(*table)
		if !ok {
			return
		}
		if key, ok := textOf(p.evaluate(f, t.Index, a.text, a.start)); ok {
			d.set(key, a)
		} else {
			d.opened(&unknown{text: a.text, file: a.file, start: a.start})
		}
	case *python.Tuple:
		p.unpack(f, t.Elements, a)
	}
}

// attach sets an attribute.
func (p *path) attach(of value, name string, a argument) {
	switch x := of.(type) {
	case *object:
		x.fields[name] = a.value
	case *closure:
		switch name {
		case "__name__":
			x.title = &a
		case "__wrapped__":
			x.wraps = a.value
		}
	case *made:
		if name == "name" {
			a.name = name
			x.options = append(x.options, a)
		}
	}
}

func (p *path) deletes(f *frame, s *python.Statement) {
	for _, t := range s.Targets {
		x, ok := t.(*python.Subscript)
		if !ok {
			continue
		}
		d, isTable := p.evaluate(f, x.Value, s.Text, s.Start).(*table)
		if key, ok := textOf(p.evaluate(f, x.Index, s.Text, s.Start)); ok && isTable {
			d.remove(key)
		}
	}
}

// declares binds what a def, a class or an import inside of a function does.
func (p *path) declares(f *frame, start int) {
	m := f.module
	i, found := slices.BinarySearchFunc(m.Functions, start, func(x python.Function, start int) int { return cmp.Compare(x.Start, start) })
	if found {
		fn := &m.Functions[i]
		v := p.decorated(f, &closure{fn: fn, file: f.at.File, module: m, env: f}, fn.Decorators)
		f.names[fn.Name] = argument{value: v, text: fn.Name, file: f.at.File, start: start}
		return
	}
	i, found = slices.BinarySearchFunc(m.Classes, start, func(x python.Class, start int) int { return cmp.Compare(x.Start, start) })
	if found {
		c := &m.Classes[i]
		f.names[c.Name] = argument{value: &class{of: c, module: m, file: f.at.File, env: f}, text: c.Name, file: f.at.File, start: start}
		return
	}
	for _, i := range importsAt(m, start) {
		if o, ok := p.tracer.Library.Imported(p.placeIn(f, start), *i); ok && i.Name != "*" {
			f.names[i.Bound()] = argument{value: p.found(o), text: i.Bound(), file: f.at.File, start: start}
		}
	}
}

func textOf(v value) (string, bool) {
	c, ok := v.(*constant)
	if !ok {
		return "", false
	}
	s, ok := c.of.(string)
	return s, ok
}

func headOf(dotted string) string {
	head, _, _ := strings.Cut(dotted, ".")
	return head
}

// uses tells whether a text may use a name that is bound in the calls around.
func (f *frame) uses(text string) bool {
	for _, name := range python.Uses(text) {
		if _, ok := f.get(headOf(name)); ok {
			return true
		}
	}
	return false
}
