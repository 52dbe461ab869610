package schema

import (
	"maps"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// note is one thing that Annotated says of a type, or an argument of Field.
type note struct {
	key   string // of a constraint, such as ge
	value value
	info  *info
	plain bool // a validator that takes anything
}

// info is what a Field says beside its constraints.
type info struct {
	notes        []note
	title        *string
	description  *string
	described    bool // a description was given, None too
	alias        string
	examples     *value
	extra        map[string]any
	deprecated   bool
	discriminant string
	// fallback is the default. made tells of a default_factory, open of neither: the field is required.
	fallback    value
	fallbackErr error
	has, made   bool
	factory     python.Node
	place       python.Place
	excluded    bool
	inputless   bool // init=False
	serialized  string
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
		if err != nil || o.Assignment == nil || !o.Only || o.Assignment.Value.Absent() || o.Rest != "" || o.Assignment.Guard != python.Always {
			return nil, unknownf("Annotated says %s, which is not read", dotted)
		}
		value, err := o.Assignment.Value.Node()
		if err != nil {
			return nil, unknownf("%s can't be read", dotted)
		}
		return r.note(scope{Place: python.Place{File: o.File, Script: s.Script, Owner: o.Assignment.Owner, Offset: o.Assignment.Start}}, value, depth+1)
	default:
		return nil, unknownf("what Annotated says is computed")
	}
}

// called reads a call in Annotated.
func (r *Reader) called(s scope, c *python.Call) ([]note, error) {
	dotted, ok := python.Dotted(c.Func)
	if !ok {
		return nil, unknownf("what Annotated says is computed")
	}
	o, err := r.resolve(s, dotted)
	if err != nil {
		return nil, err
	}
	name := strings.TrimPrefix(o.name, "annotated_types.")
	switch o.name {
	case "pydantic.Field":
		i, err := r.field(s.Place, c)
		if err != nil {
			return nil, err
		}
		return append(i.notes, note{info: &i}), nil
	case "annotated_types.Ge", "annotated_types.Gt", "annotated_types.Le", "annotated_types.Lt":
		return r.constraints(s, c, []string{strings.ToLower(name)})
	case "annotated_types.MultipleOf":
		return r.constraints(s, c, []string{"multiple_of"})
	case "annotated_types.MinLen":
		return r.constraints(s, c, []string{"min_length"})
	case "annotated_types.MaxLen":
		return r.constraints(s, c, []string{"max_length"})
	case "annotated_types.Len":
		return r.constraints(s, c, []string{"min_length", "max_length"})
	case "annotated_types.Interval":
		return r.constraints(s, c, nil)
	case "pydantic.StringConstraints":
		return r.constraints(s, c, nil)
	case "pydantic.AfterValidator":
		return nil, nil
	case "pydantic.BeforeValidator", "pydantic.WrapValidator":
		if len(c.Keywords) > 0 || len(c.Args) != 1 {
			return nil, unknownf("a validator with settings")
		}
		return nil, nil
	case "pydantic.PlainValidator":
		if len(c.Keywords) > 0 || len(c.Args) != 1 {
			return nil, unknownf("a validator with settings")
		}
		return []note{{plain: true}}, nil
	case "typing.Doc", "pydantic.Strict":
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

// field reads a call of pydantic's Field.
func (r *Reader) field(at python.Place, c *python.Call) (info, error) {
	i := info{place: at, extra: map[string]any{}}
	if len(c.Args) > 1 {
		return i, unknownf("Field takes one value")
	}
	if len(c.Args) == 1 {
		i.setDefault(r, at, c.Args[0])
	}
	for _, k := range c.Keywords {
		if err := r.fieldKeyword(&i, at, k); err != nil {
			return i, err
		}
	}
	return i, nil
}

func (i *info) setDefault(r *Reader, at python.Place, n python.Node) {
	if _, open := n.(*python.Ellipsis); open {
		return
	}
	i.has = true
	i.fallback, i.fallbackErr = r.value(at, n, 0)
}

func (r *Reader) fieldKeyword(i *info, at python.Place, k python.Keyword) error {
	switch k.Name {
	case "default":
		i.setDefault(r, at, k.Value)
		return nil
	case "default_factory":
		i.made, i.factory = true, k.Value
		return nil
	case "exclude", "repr", "frozen", "validate_default", "kw_only", "strict", "allow_inf_nan", "max_digits", "decimal_places", "union_mode", "alias_priority",
		"coerce_numbers_to_str", "init":
		i.excluded = i.excluded || k.Name == "exclude" || k.Name == "init"
		return nil
	}
	v, err := r.value(at, k.Value, 0)
	if err != nil {
		if k.Name == "validation_alias" {
			return i.choices(r, at, k.Value)
		}
		return unknownf("Field's %s: %s", k.Name, err)
	}
	if v.kind == "NoneType" {
		i.described = i.described || k.Name == "description"
		return nil
	}
	return i.say(k.Name, v)
}

// say takes an argument of Field over whose value is known.
func (i *info) say(name string, v value) error {
	text, isText := v.json.(string)
	switch name {
	case "ge", "gt", "le", "lt", "multiple_of", "min_length", "max_length", "pattern":
		i.notes = append(i.notes, note{key: name, value: v})
	case "title":
		i.title = &text
	case "description":
		i.description, i.described = &text, true
	case "alias":
		if i.alias == "" {
			i.alias = text
		}
		if i.serialized == "" {
			i.serialized = text
		}
	case "validation_alias":
		i.alias = text
	case "serialization_alias":
		i.serialized = text
	case "examples":
		i.examples = &v
		return nil
	case "deprecated":
		i.deprecated = v.json != false
		return nil
	case "discriminator":
		i.discriminant = text
	case "json_schema_extra":
		extra, ok := v.json.(map[string]any)
		if !ok || v.opaque {
			return unknownf("Field's json_schema_extra is not read")
		}
		i.extra = extra
		return nil
	default:
		return unknownf("Field's %s is not read", name)
	}
	if !isText && (name == "title" || name == "description" || name == "discriminator" || strings.HasSuffix(name, "alias")) {
		return unknownf("Field's %s is no text", name)
	}
	return nil
}

// choices reads AliasChoices("a", "b"): the first counts.
func (i *info) choices(r *Reader, at python.Place, n python.Node) error {
	c, ok := n.(*python.Call)
	if !ok || len(c.Args) == 0 {
		return unknownf("Field's validation_alias is not read")
	}
	dotted, _ := python.Dotted(c.Func)
	o, err := r.resolve(scope{Place: at}, dotted)
	if err != nil || o.name != "pydantic.AliasChoices" {
		return unknownf("Field's validation_alias is not read")
	}
	v, err := r.value(at, c.Args[0], 0)
	text, isText := v.json.(string)
	if err != nil || !isText {
		return unknownf("Field's validation_alias is not read")
	}
	i.alias = text
	return nil
}

// merged joins what several Fields say of one; later ones win.
func (i *info) merge(other info) {
	if other.title != nil {
		i.title = other.title
	}
	if other.described {
		i.description, i.described = other.description, true
	}
	if other.alias != "" {
		i.alias = other.alias
	}
	if other.serialized != "" {
		i.serialized = other.serialized
	}
	if other.examples != nil {
		i.examples = other.examples
	}
	if other.discriminant != "" {
		i.discriminant = other.discriminant
	}
	i.deprecated = i.deprecated || other.deprecated
	i.excluded = i.excluded || other.excluded
	if other.has || other.made {
		i.has, i.made, i.fallback, i.fallbackErr, i.factory, i.place = other.has, other.made, other.fallback, other.fallbackErr, other.factory, other.place
	}
	if i.extra == nil {
		i.extra = map[string]any{}
	}
	maps.Copy(i.extra, other.extra)
}

// opened takes Annotated off a field's type: what it says is said of the field.
func opened(f form) (inner form, i info) {
	if f.kind != annotated {
		return f, info{extra: map[string]any{}}
	}
	i.extra = map[string]any{}
	for _, n := range f.notes {
		if n.info != nil {
			i.merge(*n.info)
			continue
		}
		i.notes = append(i.notes, n)
	}
	return f.args[0], i
}

// updates writes what a Field says into a schema.
func (i *info) updates(p Property) {
	if i.title != nil {
		p["title"] = *i.title
	}
	if i.description != nil {
		p["description"] = *i.description
	}
	if i.examples != nil {
		p["examples"] = i.examples.json
	}
	if i.deprecated {
		p["deprecated"] = true
	}
	maps.Copy(p, i.extra)
}
