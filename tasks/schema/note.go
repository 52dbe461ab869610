package schema

import "github.com/flowmage/flowmage/tasks/python"

// note is one thing that Annotated says of a type, or an argument of Field.
type note struct {
	key   string // of a constraint, such as ge
	value value
	info  *info
	plain bool // a validator that takes anything
}

// annotated evaluates Annotated[type, …].
func (r *Reader) annotated(s scope, index []python.Node, depth int) (form, error) {
	if len(index) < 2 {
		return form{}, unknownf("Annotated takes more")
	}
	inner, err := r.typing(s, index[0], depth+1)
	if err != nil {
		return form{}, err
	}
	out := form{kind: annotated, args: []form{inner}}
	if inner.kind == annotated {
		out.args, out.notes = inner.args, append(out.notes, inner.notes...)
	}
	for _, n := range index[1:] {
		notes, err := r.note(s, n, depth)
		if err != nil {
			return form{}, err
		}
		out.notes = append(out.notes, notes...)
	}
	return out, nil
}

// note reads what stands in Annotated behind the type.
func (r *Reader) note(s scope, n python.Node, depth int) ([]note, error) {
	if depth > deepest {
		return nil, unknownf("the type nests too deep")
	}
	switch x := n.(type) {
	case *python.Constant:
		return nil, nil // a text for people
	case *python.Call:
		return r.called(s, x)
	case *python.Name, *python.Attribute:
		dotted, ok := python.Dotted(n)
		if !ok {
			return nil, unknownf("what Annotated says is computed")
		}
		o, err := r.resolve(s, dotted)
		said, at, ok := o.Value(s.Script)
		if err != nil || !ok || !o.Only || o.Assignment.Guard != python.Always {
			return nil, unknownf("Annotated says %s, which is not read", dotted)
		}
		return r.note(scope{Place: at}, said, depth+1)
	default:
		return nil, unknownf("what Annotated says is computed")
	}
}

// called reads a call in Annotated.
func (r *Reader) called(s scope, c *python.Call) ([]note, error) {
	o, dotted, err := r.follow(s, c.Func, "what Annotated says is computed")
	if err != nil {
		return nil, err
	}
	if names, ok := constraints[o.name]; ok {
		return r.constraints(s, c, names)
	}
	switch o.name {
	case "pydantic.Field":
		i, err := r.field(s.Place, c)
		if err != nil {
			return nil, err
		}
		return append(i.notes, note{info: &i}), nil
	case "pydantic.BeforeValidator", "pydantic.WrapValidator", "pydantic.PlainValidator":
		if len(c.Keywords) > 0 || len(c.Args) != 1 {
			return nil, unknownf("a validator with settings")
		}
		if o.name == "pydantic.PlainValidator" {
			return []note{{plain: true}}, nil
		}
		return nil, nil
	case "pydantic.AfterValidator", "typing.Doc", "pydantic.Strict":
		return nil, nil
	default:
		if o.Class != nil && o.Rest == "" {
			if cl, err := r.class(o.File, s.Script, o.Module, o.Class); err == nil && (cl.kind == plainClass || cl.kind == dataClass) && len(cl.bases) == 0 && len(cl.roots) == 0 {
				return nil, nil // says something to others
			}
		}
		return nil, unknownf("Annotated says %s, which is not read", dotted)
	}
}

// constraints are what says constraints in Annotated, with the names of its positional arguments.
var constraints = map[string][]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"annotated_types.Ge": {"ge"}, "annotated_types.Gt": {"gt"}, "annotated_types.Le": {"le"}, "annotated_types.Lt": {"lt"},
	"annotated_types.MultipleOf": {"multiple_of"}, "annotated_types.MinLen": {"min_length"}, "annotated_types.MaxLen": {"max_length"},
	"annotated_types.Len": {"min_length", "max_length"}, "annotated_types.Interval": nil, "pydantic.StringConstraints": nil,
}

// constraints reads arguments that are constraints; names are those of the positional ones.
func (r *Reader) constraints(s scope, c *python.Call, names []string) ([]note, error) {
	var out []note
	add := func(key string, n python.Node) error {
		v, err := r.value(s.Place, n, 0)
		if err != nil {
			return err
		}
		if v.kind == "NoneType" {
			return nil
		}
		switch key {
		case "ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern":
			out = append(out, note{key: key, value: v})
		case "strict", "strip_whitespace", "to_lower", "to_upper", "allow_inf_nan", "max_digits", "decimal_places", "coerce_numbers_to_str":
		default:
			return unknownf("the constraint %s is not read", key)
		}
		return nil
	}
	if len(c.Args) > len(names) {
		return nil, unknownf("a constraint is not read")
	}
	for n, name := range names[:len(c.Args)] {
		if err := add(name, c.Args[n]); err != nil {
			return nil, err
		}
	}
	for _, k := range c.Keywords {
		if err := add(k.Name, k.Value); err != nil {
			return nil, err
		}
	}
	return out, nil
}
