package schema

import (
	"cmp"
	"maps"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

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

// field reads a call of pydantic's Field.
func (r *Reader) field(at python.Place, c *python.Call) (info, error) {
	i := info{place: at}
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
		i.alias, i.serialized = cmp.Or(i.alias, text), cmp.Or(i.serialized, text)
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
	o, _, err := r.follow(scope{Place: at}, c.Func, "")
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

// merge joins what several Fields say of one; later ones win.
func (i *info) merge(other info) {
	if other.described {
		i.description, i.described = other.description, true
	}
	i.title, i.examples = cmp.Or(other.title, i.title), cmp.Or(other.examples, i.examples)
	i.alias, i.serialized = cmp.Or(other.alias, i.alias), cmp.Or(other.serialized, i.serialized)
	i.discriminant = cmp.Or(other.discriminant, i.discriminant)
	i.deprecated, i.excluded = i.deprecated || other.deprecated, i.excluded || other.excluded
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
		return f, info{}
	}
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
