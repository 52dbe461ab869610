package schema

import "github.com/flowmage/flowmage/tasks/python"

// calledType gives the type that a call makes: NewType, TypeVar, and pydantic's constrained types.
func (r *Reader) calledType(s scope, c *python.Call, depth int) (form, error) {
	o, dotted, err := r.follow(s, c.Func, "the type is computed")
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
	case "pydantic.conint", "pydantic.confloat", "pydantic.constr", "pydantic.conbytes", "pydantic.condecimal":
		return r.constrainedType(s, c, constrainers[o.name], nil)
	case "pydantic.conlist", "pydantic.conset", "pydantic.confrozenset":
		if len(c.Args) == 1 {
			item, err := r.typing(s, c.Args[0], depth+1)
			if err != nil {
				return form{}, err
			}
			return r.constrainedType(s, &python.Call{Func: c.Func, Keywords: c.Keywords}, constrainers[o.name], []form{item})
		}
	}
	return form{}, unknownf("the type is made by %s(…)", dotted)
}

// constrainers are the functions of pydantic that make a constrained type, with the type that they constrain.
var constrainers = map[string]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"pydantic.conint": "builtins.int", "pydantic.confloat": "builtins.float", "pydantic.constr": "builtins.str", "pydantic.conbytes": "builtins.bytes",
	"pydantic.condecimal": "decimal.Decimal", "pydantic.conlist": "builtins.list", "pydantic.conset": "builtins.set",
	"pydantic.confrozenset": "builtins.frozenset",
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
	var err error
	if v.constraints, err = eachOf(c.Args[1:], func(n python.Node) (form, error) { return r.typing(s, n, depth+1) }); err != nil {
		return form{}, err
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
