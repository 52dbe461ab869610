package schema

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

func (r *Reader) namedValue(at python.Place, n python.Node, depth int) (value, error) {
	if a, ok := n.(*python.Attribute); ok && (a.Attr == "value" || a.Attr == "name") {
		if v, err := r.dottedValue(at, a.Value, depth); err == nil && v.kind == "enum" {
			if a.Attr == "name" {
				return value{}, unknownf("it is computed")
			}
			return v.items[0], nil
		}
	}
	return r.dottedValue(at, n, depth)
}

func (r *Reader) dottedValue(at python.Place, n python.Node, depth int) (value, error) {
	dotted, ok := python.Dotted(n)
	if !ok {
		return value{}, unknownf("it is computed")
	}
	if before, last := cutLast(dotted); before != "" {
		o, err := r.resolve(scope{Place: at}, before)
		if err == nil && o.Class != nil && o.Rest == "" {
			return r.attribute(at, o, last, depth)
		}
	}
	o, err := r.resolve(scope{Place: at}, dotted)
	switch {
	case err != nil:
		return value{}, err
	case o.name == "datetime.timezone.utc" || o.name == "datetime.UTC":
		return value{kind: "datetime.timezone", json: int64(0), opaque: true}, nil
	case o.name != "":
		if l, ok := leaves[o.name]; ok && l.core != "any" || container(o.name) && o.name != "typing.AnyStr" {
			return value{kind: "object", opaque: true}, nil // a type
		}
		if first, _, _ := strings.Cut(strings.TrimPrefix(o.name, "builtins."), "."); strings.HasPrefix(o.name, "builtins.") && builtin(first) {
			return value{kind: "object", opaque: true}, nil
		}
		return value{}, unknownf("%s comes from outside of the repository", dotted)
	case o.Function != nil && o.Rest == "" || o.Class != nil && o.Rest == "":
		return value{kind: "object", opaque: true}, nil
	case o.Assignment == nil || o.Rest != "":
		return value{}, unknownf("%s is computed", dotted)
	}
	return r.constant(at, o, dotted, depth)
}

// constant follows a name to its value; it has to be bound once, and be nothing that code can change in place.
func (r *Reader) constant(at python.Place, o origin, dotted string, depth int) (value, error) {
	n, at, ok := o.Value(at.Script)
	if !ok || !o.Only || o.Assignment.Guard != python.Always {
		return value{}, unknownf("%s is not bound once", dotted)
	}
	v, err := r.value(at, n, depth+1)
	if err != nil {
		return value{}, err
	}
	switch v.kind {
	case "list", "dict", "set", "record":
		return value{}, unknownf("%s may be changed after it is made", dotted)
	}
	return v, nil
}

// attribute gives a member of an enum, or a constant of a class.
func (r *Reader) attribute(at python.Place, o origin, name string, depth int) (value, error) {
	c, err := r.class(o.File, at.Script, o.Module, o.Class)
	if err != nil {
		return value{}, err
	}
	if c.kind == otherClass {
		return value{}, c.unknown
	}
	if c.kind != enumClass {
		b := o.Module.Bindings(c.definition.QualifiedName, name)
		if len(b) != 1 || b[0].Assignment == nil || c.kind != plainClass {
			if len(b) == 1 && (b[0].Class != nil || b[0].Function != nil) {
				return value{kind: "object", opaque: true}, nil
			}
			return value{}, unknownf("%s.%s is not read", c.name, name)
		}
		return r.constant(at, origin{Origin: python.Origin{File: o.File, Module: o.Module, Assignment: b[0].Assignment, Only: true}}, c.name+"."+name, depth)
	}
	if _, err := r.enumMembers(c); err != nil {
		return value{}, err
	}
	if i, ok := c.named[name]; ok {
		return c.memberValue(i), nil
	}
	return value{}, unknownf("%s has no member %s", c.name, name)
}
