package schema

import (
	"math/big"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// scope is where an annotation stands: the place for its names, and whether it is evaluated in Prefect's own module, where only builtins
// and a few modules are known. Strings says the same of names in quotes inside of it.
type scope struct {
	python.Place
	foreign, foreignStrings bool
}

// deepest bounds how deep types nest and how far aliases lead.
const deepest = 60

// typing evaluates an annotation as Python does.
func (r *Reader) typing(s scope, n python.Node, depth int) (form, error) {
	if depth > deepest {
		return form{}, unknownf("the type nests too deep")
	}
	switch x := n.(type) {
	case *python.Constant:
		return r.constantType(s, x)
	case *python.Name, *python.Attribute:
		dotted, ok := python.Dotted(n)
		if !ok {
			return form{}, unknownf("the type is computed")
		}
		return r.named(s, dotted, depth)
	case *python.Binary:
		if x.Op != "|" {
			return form{}, unknownf("the type is computed")
		}
		return r.union(s, []python.Node{x.Left, x.Right}, depth)
	case *python.Subscript:
		return r.subscript(s, x, depth)
	case *python.Call:
		return r.calledType(s, x, depth)
	case *python.List, *python.Ellipsis:
		return form{kind: instance}, nil
	default:
		return form{}, unknownf("the type is computed")
	}
}

// constantType gives what a constant means as a type: None, or a forward reference.
func (*Reader) constantType(s scope, c *python.Constant) (form, error) {
	switch v := c.Value.(type) {
	case nil:
		return form{kind: nothing}, nil
	case string:
		return form{kind: forward, name: v, place: s.Place}, nil
	case int64, *big.Int, float64, bool:
		return form{kind: instance}, nil
	default:
		return form{}, unknownf("the type is computed")
	}
}

// quoted evaluates the text of a type in quotes.
func (r *Reader) quoted(s scope, text string, depth int) (form, error) {
	s.Offset = python.Anywhere
	n, err := python.Expr{Text: strings.TrimSpace(text)}.Node()
	if err != nil {
		return form{}, unknownf("the type %q can't be read", text)
	}
	return r.typing(s, n, depth+1)
}

func (r *Reader) named(s scope, dotted string, depth int) (form, error) {
	o, err := r.resolve(s, dotted)
	if err != nil {
		return form{}, err
	}
	switch {
	case o.name != "":
		if o.name == "builtins.None" {
			return form{kind: nothing}, nil
		}
		return form{kind: external, name: o.name, spelled: o.spelled}, nil
	case o.Class != nil && o.Rest == "":
		c, err := r.class(o.File, s.Script, o.Module, o.Class)
		return form{kind: ownClass, class: c}, err
	case o.Assignment != nil && o.Rest == "":
		return r.alias(s, o, dotted, depth)
	default:
		return form{}, unknownf("%s is no type that can be read", dotted)
	}
}

// alias follows a module-level name for a type.
func (r *Reader) alias(s scope, o origin, dotted string, depth int) (form, error) {
	a := o.Assignment
	n, at, ok := o.Value(s.Script)
	if !ok || !o.Only || a.Guard != python.Always {
		return form{}, unknownf("%s is not bound once", dotted)
	}
	if a.TypeAlias {
		return form{}, unknownf("%s is made by a `type` statement", dotted)
	}
	if c, ok := n.(*python.Constant); ok && c.Value != nil {
		if _, isText := c.Value.(string); !isText {
			return form{kind: instance}, nil
		}
		if a.Annotation.Absent() { // a name for a text in quotes
			return form{}, unknownf("%s is a text, not a type", dotted)
		}
	}
	return r.typing(scope{Place: at, foreignStrings: s.foreignStrings || o.File != s.File}, n, depth+1)
}

func (r *Reader) union(s scope, members []python.Node, depth int) (form, error) {
	forms, err := eachOf(members, func(n python.Node) (form, error) { return r.typing(s, n, depth+1) })
	return joined(forms), err
}

// joined gives the union of types as typing has it: flat.
func joined(members []form) form {
	out := form{kind: union}
	for _, m := range members {
		if m.kind == union {
			out.args = append(out.args, m.args...)
			continue
		}
		out.args = append(out.args, m)
	}
	if len(out.args) == 1 {
		return out.args[0]
	}
	return out
}

func (r *Reader) subscript(s scope, n *python.Subscript, depth int) (form, error) {
	base, err := r.typing(s, n.Value, depth+1)
	if err != nil {
		return form{}, err
	}
	index := arguments(n.Index)
	if base.kind == external {
		switch base.name {
		case "typing.Literal":
			return r.literalType(s, index, depth)
		case "typing.Annotated":
			return r.annotated(s, index, depth)
		case "collections.abc.Callable":
			return form{kind: external, name: base.name}, nil
		}
	}
	args, err := eachOf(index, func(n python.Node) (form, error) {
		if _, is := n.(*python.Ellipsis); is {
			return form{kind: ellipsis}, nil
		}
		return r.typing(s, n, depth+1)
	})
	if err != nil {
		return form{}, err
	}
	return r.applied(base, args)
}

// applied gives base[args].
func (*Reader) applied(base form, args []form) (form, error) {
	switch {
	case base.kind == external && base.name == "typing.Optional" && len(args) == 1:
		return joined(append(args, form{kind: nothing})), nil
	case base.kind == external && base.name == "typing.Union":
		return joined(args), nil
	case base.kind == external && base.name == "typing.Final" && len(args) == 1:
		return args[0], nil
	case (base.kind == external || base.kind == ownClass) && !base.subscripted:
		base.args, base.subscripted = args, true
		return base, nil
	default:
		return form{}, unknownf("a generic alias is given types")
	}
}

func (r *Reader) literalType(s scope, index []python.Node, depth int) (form, error) {
	out := form{kind: literal}
	for _, i := range index {
		if isType(i) {
			if f, err := r.typing(s, i, depth+1); err == nil && f.kind == literal {
				out.values = append(out.values, f.values...)
				continue
			}
		}
		v, err := r.value(s.Place, i, depth+1)
		if err != nil {
			return form{}, err
		}
		switch v.kind {
		case "str", "int", "bool", "NoneType", "bytes", "enum":
			out.values = append(out.values, v)
		default:
			return form{}, unknownf("a Literal of %s", v.kind)
		}
	}
	type key struct {
		kind, text string
		class      *class
	}
	out.values = distinct(out.values, func(v value) key { return key{v.kind, v.text(), v.class} })
	return out, nil
}

func isType(n python.Node) bool {
	switch n.(type) {
	case *python.Subscript, *python.Name, *python.Attribute:
		return true
	}
	return false
}

func arguments(index python.Node) []python.Node {
	if t, ok := index.(*python.Tuple); ok {
		return t.Elements
	}
	return []python.Node{index}
}
