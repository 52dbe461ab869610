package schema

import (
	"github.com/flowmage/flowmage/tasks/python"
)

// calledType gives the type that a call makes: NewType, TypeVar, and pydantic's constrained types.
func (r *Reader) calledType(s scope, c *python.Call, depth int) (form, error) {
	dotted, ok := python.Dotted(c.Func)
	if !ok {
		return form{}, unknownf("the type is computed")
	}
	o, err := r.resolve(s, dotted)
	if err != nil {
		return form{}, err
	}
	switch o.name {
	case "typing.NewType":
		if len(c.Args) == 2 {
			f, err := r.typing(s, c.Args[1], depth+1)
			f.renamed = true
			return f, err
		}
	case "typing.TypeVar":
		return r.typeVar(s, c, depth)
	case "pydantic.conint":
		return r.constrainedType(s, c, "builtins.int", nil)
	case "pydantic.confloat":
		return r.constrainedType(s, c, "builtins.float", nil)
	case "pydantic.constr":
		return r.constrainedType(s, c, "builtins.str", nil)
	case "pydantic.conbytes":
		return r.constrainedType(s, c, "builtins.bytes", nil)
	case "pydantic.condecimal":
		return r.constrainedType(s, c, "decimal.Decimal", nil)
	case "pydantic.conlist", "pydantic.conset":
		if len(c.Args) == 1 {
			item, err := r.typing(s, c.Args[0], depth+1)
			if err != nil {
				return form{}, err
			}
			name := "builtins.list"
			if o.name == "pydantic.conset" {
				name = "builtins.set"
			}
			return r.constrainedType(s, &python.Call{Func: c.Func, Keywords: c.Keywords}, name, []form{item})
		}
	}
	return form{}, unknownf("the type is made by %s(…)", dotted)
}

func (r *Reader) constrainedType(s scope, c *python.Call, name string, args []form) (form, error) {
	notes, err := r.constraints(s, c, nil)
	if err != nil {
		return form{}, err
	}
	inner := form{kind: external, name: name, args: args, subscripted: len(args) > 0}
	return form{kind: annotated, args: []form{inner}, notes: notes}, nil
}

func (r *Reader) typeVar(s scope, c *python.Call, depth int) (form, error) {
	if len(c.Args) == 0 {
		return form{}, unknownf("a TypeVar without a name")
	}
	name, _ := quotedText(c.Args[0])
	v := &variable{name: name}
	for _, a := range c.Args[1:] {
		f, err := r.typing(s, a, depth+1)
		if err != nil {
			return form{}, err
		}
		v.constraints = append(v.constraints, f)
	}
	for _, k := range c.Keywords {
		switch k.Name {
		case "bound":
			f, err := r.typing(s, k.Value, depth+1)
			if err != nil {
				return form{}, err
			}
			v.bound = &f
		case "covariant", "contravariant":
		default:
			return form{}, unknownf("a TypeVar with %s", k.Name)
		}
	}
	return form{kind: typeVar, variable: v}, nil
}
