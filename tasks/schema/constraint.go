package schema

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/parameter"
)

// annotated writes a type with what Annotated says of it, inside of another type.
func (w *writer) annotated(f form) (described, error) {
	d, err := w.describeWith(f.args[0], discriminantOf(f.notes))
	if err != nil {
		return described{}, err
	}
	for _, n := range f.notes {
		if n.info != nil && (n.info.has || n.info.made) {
			return described{}, unknownf("a default inside of a type")
		}
		if d, err = noted(d, n); err != nil {
			return described{}, err
		}
		if n.info != nil {
			if ref, _ := d.schema["$ref"].(string); w.recursive[strings.TrimPrefix(ref, "#/definitions/")] {
				// pydantic then says it of the type wherever it is used, in other flows too
				return described{}, unknownf("Field says something of a type that contains itself")
			}
			d.schema = copied(d.schema)
			n.info.updates(d.schema)
		}
	}
	return d, nil
}

func discriminantOf(notes []note) string {
	for _, n := range notes {
		if n.info != nil && n.info.discriminant != "" {
			return n.info.discriminant
		}
	}
	return ""
}

// describeWith writes a form, as a union that a field tells apart if there is one.
func (w *writer) describeWith(f form, discriminant string) (described, error) {
	if discriminant == "" {
		return w.describe(f)
	}
	return w.tagged(f, discriminant)
}

// noted applies one note to a type: a constraint as pydantic does, into the schema of a type that has it, else beside it.
func noted(d described, n note) (described, error) {
	switch {
	case n.plain:
		return described{schema: Property{}, core: "plain"}, nil
	case n.key == "":
		return d, nil
	}
	core, optional := strings.CutPrefix(d.core, nullable)
	if optional {
		return constrainedInside(d, n)
	}
	if n.value.opaque {
		return described{}, unknownf("a constraint whose value can't be written")
	}
	out := d
	out.schema = copied(d.schema)
	number := n.value.kind == "int" || n.value.kind == "float"
	key := wordsFor(core)[n.key]
	switch core {
	case coreInt, coreFloat, "bytes", "url", "list", "set", "tuple", "generator", "sequence", "dict":
		if key != "" && number {
			out.schema[key] = n.value.json
			return out, nil
		}
	case coreString:
		if _, ok := n.value.json.(string); key != "" && (number || ok && n.key == "pattern" && n.value.kind == "str") {
			out.schema[key] = n.value.json
			return out, nil
		}
	case "decimal", "fraction":
		if key := numeric[n.key]; key != "" && number {
			members := parameter.Members(out.schema["anyOf"])
			first := copied(members[0])
			first[key] = n.value.json
			out.schema["anyOf"] = append([]Property{first}, members[1:]...)
			return out, nil
		}
	case "date", "time", "datetime", "timedelta":
		if numeric[n.key] != "" {
			return out, nil
		}
	case "union", "bool", "literal", "any":
		if n.key == "pattern" || !number {
			break
		}
		if key == "" {
			key = n.key
		}
		out.schema[key] = n.value.json
		return out, nil
	}
	return described{}, unknownf("the constraint %s on a type that has none", n.key)
}

// constrainedInside applies a constraint to a type that may be None.
func constrainedInside(d described, n note) (described, error) {
	if d.inner == nil {
		return described{}, unknownf("a constraint on what may be None")
	}
	inner, err := noted(*d.inner, n)
	if err != nil {
		return described{}, err
	}
	return inner.orNull(), nil
}

// wordsFor gives JSON Schema's words for the constraints of a type.
func wordsFor(core string) map[string]string {
	switch core {
	case coreInt, coreFloat:
		return numeric
	case coreString:
		return map[string]string{"min_length": "minLength", "max_length": "maxLength", "pattern": "pattern"}
	case "list", "set", "tuple", "generator", "sequence":
		return map[string]string{"min_length": "minItems", "max_length": "maxItems"}
	case "dict":
		return map[string]string{"min_length": "minProperties", "max_length": "maxProperties"}
	default:
		return map[string]string{"min_length": "minLength", "max_length": "maxLength"}
	}
}

// numeric has JSON Schema's words for constraints of numbers.
var numeric = map[string]string{ //nolint:gochecknoglobals // a table that nothing writes to
	"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "multiple_of": "multipleOf",
}

// tagged writes a union whose members a field tells apart.
func (w *writer) tagged(f form, field string) (described, error) {
	if f.kind != union {
		return described{}, unknownf("a discriminator without a union")
	}
	var list []Property
	mapping := map[string]any{}
	optional := false
	for _, m := range f.args {
		if m.kind == nothing {
			optional = true
			continue
		}
		if m.kind != ownClass || m.class.kind != modelClass && m.class.kind != dataClass || m.subscripted {
			return described{}, unknownf("a discriminator over other types than models")
		}
		d, err := w.describe(m)
		if err != nil {
			return described{}, err
		}
		rec, err := w.reader.record(m.class)
		if err != nil {
			return described{}, err
		}
		values, err := rec.tags(field)
		if err != nil {
			return described{}, err
		}
		for _, v := range values {
			mapping[v] = d.schema["$ref"]
		}
		list = append(list, d.schema)
	}
	out := described{
		schema: Property{"oneOf": distinct(list, fingerprint), "discriminator": Property{"propertyName": field, "mapping": mapping}}, core: "tagged",
	}
	if optional {
		return out.orNull(), nil
	}
	return out, nil
}

// tags gives the values of the field that tells a member apart.
func (r *record) tags(name string) ([]string, error) {
	for _, f := range r.fields {
		if f.name != name {
			continue
		}
		if f.form.kind != literal || f.info.alias != "" {
			break
		}
		var out []string
		for _, v := range f.form.values {
			text, ok := v.json.(string)
			if !ok {
				return nil, unknownf("a discriminator of other values than texts")
			}
			out = append(out, text)
		}
		return out, nil
	}
	return nil, unknownf("a member without the discriminator %s", name)
}
