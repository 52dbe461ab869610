package schema

import (
	"math/bits"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// errNoMembers says that an enum has only methods, for others that are made from it.
var errNoMembers = unknownf("the enum has no members")

// member is a member of an enum.
type member struct {
	name  string
	value value
}

func (w *writer) enum(c *class) (described, error) {
	members, err := w.reader.enumMembers(c)
	if err != nil {
		return described{}, err
	}
	list := make([]any, 0, len(members))
	for _, m := range members {
		list = append(list, m.value.json)
	}
	p := Property{"title": c.name, "enum": list}
	if doc := python.CleanDoc(c.definition.Doc); doc != "" && doc != "An enumeration." {
		p["description"] = doc
	}
	if t := jsonType(list); t != "" && t != "null" && t != object {
		p["type"] = t
	}
	return w.define(c.name, c, p)
}

// define gives a class its definition, and a reference to it.
func (w *writer) define(name string, c *class, p Property) (described, error) {
	id := c.key.file + ":" + c.key.name
	if other, taken := w.classes[name]; taken && other != id {
		return described{}, unknownf("two types are called %s", name)
	}
	w.classes[name] = id
	w.definitions[name] = p
	return described{schema: reference(name), core: "ref", named: true}, nil
}

// enumMembers reads the members of an enum, in order.
func (r *Reader) enumMembers(c *class) ([]member, error) {
	if !c.membersRead {
		c.membersRead = true
		c.members, c.membersErr = r.readMembers(c)
		c.named, c.valued = map[string]int{}, map[string]int{}
		for i, m := range c.members {
			c.named[m.name] = i
			if _, twice := c.valued[m.value.mark()]; !twice {
				c.valued[m.value.mark()] = i
			}
		}
	}
	return c.members, c.membersErr
}

// mark is the same for values that are the same, and of one type.
func (v value) mark() string { return v.kind + " " + v.text() }

// memberValue gives a member of an enum as a value.
func (c *class) memberValue(i int) value {
	m := c.members[i].value
	return value{json: m.json, kind: "enum", class: c, items: []value{m}}
}

func (r *Reader) readMembers(c *class) ([]member, error) {
	for _, b := range c.bases {
		if b.kind == ownClass && b.class.kind == enumClass {
			if _, err := r.enumMembers(b.class); err != errNoMembers { //nolint:errorlint // it is never wrapped
				return nil, unknownf("the enum %s is made from another with members", c.name)
			}
		}
	}
	var out []member
	before := known{byName: map[string]value{}, numbers: true}
	for _, a := range c.assignments() {
		if strings.HasPrefix(a.Target, "__") || strings.HasPrefix(a.Target, "_") && strings.HasSuffix(a.Target, "_") || a.Guard != python.Always {
			return nil, unknownf("the enum %s has a name %s", c.name, a.Target)
		}
		if a.Value.Absent() {
			if a.Annotation.Absent() {
				return nil, unknownf("%s.%s is not a plain value", c.name, a.Target)
			}
			continue
		}
		v, err := r.member(c, a, before)
		if err != nil {
			return nil, unknownf("%s.%s: %s", c.name, a.Target, err)
		}
		if _, twice := before.byName[a.Target]; twice {
			return nil, unknownf("%s.%s is there twice", c.name, a.Target)
		}
		out = append(out, member{a.Target, v})
		before.add(a.Target, v)
	}
	if len(out) == 0 {
		return nil, errNoMembers
	}
	return out, nil
}

// known are the members of an enum that stand above one.
type known struct {
	byName  map[string]value
	numbers bool // all of them are
	highest int64
}

func (k *known) add(name string, v value) {
	k.byName[name] = v
	n, ok := v.json.(int64)
	k.numbers = k.numbers && ok && v.kind == "int"
	k.highest = max(k.highest, n)
}

func (r *Reader) member(c *class, a *python.Assignment, before known) (value, error) {
	n, err := a.Value.Node()
	if err != nil {
		return value{}, unknownf("it can't be read")
	}
	has := func(name string) bool { return slices.Contains(c.roots, name) }
	if call, ok := n.(*python.Call); ok {
		o, dotted, err := r.follow(scope{Place: c.place}, call.Func, "its value is computed")
		switch {
		case dotted == "":
			return value{}, err
		case err == nil && o.name == "enum.auto" && len(call.Args) == 0:
			return next(c, a.Target, before)
		}
	}
	if names, ok := n.(*python.Binary); ok && (has("enum.Flag") || has("enum.IntFlag")) && names.Op == "|" {
		return combined(names, before)
	}
	place := python.Place{File: c.place.File, Script: c.place.Script, Owner: c.definition.QualifiedName, Offset: a.Start}
	v, err := r.value(place, n, 0)
	if err != nil {
		return value{}, err
	}
	want := ""
	switch {
	case has("enum.StrEnum"), has("builtins.str"):
		want = "str"
	case has("enum.IntEnum"), has("enum.IntFlag"), has("enum.Flag"), has("builtins.int"):
		want = "int"
	case has("builtins.float"):
		want = "float"
	}
	if want != "" && v.kind != want || v.opaque {
		return value{}, unknownf("its value is no %s", want)
	}
	if n, ok := v.json.(int64); ok && n < 0 && (has("enum.Flag") || has("enum.IntFlag")) {
		return value{}, unknownf("its value is negative")
	}
	return v, nil
}

// next gives the value of auto().
func next(c *class, name string, before known) (value, error) {
	switch {
	case slices.Contains(c.roots, "enum.StrEnum"):
		return textValue(strings.ToLower(name)), nil
	case slices.Contains(c.roots, "builtins.str"), slices.Contains(c.roots, "builtins.float"):
		return value{}, unknownf("auto() in an enum of another type")
	}
	flags := slices.Contains(c.roots, "enum.Flag") || slices.Contains(c.roots, "enum.IntFlag")
	if !before.numbers {
		return value{}, unknownf("auto() behind a member that is no number")
	}
	if !flags {
		return numberValue(before.highest + 1), nil
	}
	return numberValue(1 << bits.Len64(uint64(before.highest))), nil //nolint:gosec // it starts at 0
}

// combined gives A | B of earlier members.
func combined(n python.Node, before known) (value, error) {
	switch x := n.(type) {
	case *python.Name:
		if v, ok := before.byName[x.ID]; ok {
			return v, nil
		}
	case *python.Binary:
		a, err1 := combined(x.Left, before)
		b, err2 := combined(x.Right, before)
		left, ok1 := a.json.(int64)
		right, ok2 := b.json.(int64)
		if err1 == nil && err2 == nil && ok1 && ok2 && x.Op == "|" {
			return numberValue(left | right), nil
		}
	}
	return value{}, unknownf("its value is computed")
}
