package schema

import (
	"encoding/json"
	"slices"

	"github.com/flowmage/flowmage/tasks/parameter"
)

// union writes anyOf. A member without a schema is left out, as pydantic does; null comes last.
func (w *writer) union(members []form) (described, error) {
	whole := substituted(form{kind: union, args: members}, w.variables)
	if whole.kind != union {
		return w.describe(whole)
	}
	var list []Property
	var only described
	choices := slices.DeleteFunc(slices.Clone(whole.args), func(m form) bool { return m.kind == nothing })
	for _, m := range choices {
		d, err := w.describe(m)
		if no, is := err.(refused); is && len(choices) > 1 { //nolint:errorlint // it is never wrapped
			switch {
			case no.inside:
				return described{}, unknownf("a member of the union that pydantic can't describe")
			case no.built:
				continue
			}
		}
		if err != nil {
			return described{}, err
		}
		only = d
		list = append(list, d.schema)
	}
	if len(choices) == 0 {
		return described{schema: Property{"type": "null"}, core: "none"}, nil
	}
	if len(list) == 0 {
		return described{}, unknownf("no member of the union has a schema")
	}
	if _, inner := list[0]["anyOf"]; inner && len(list) == 1 && len(choices) > 1 && len(list[0]) > 1 {
		return described{}, unknownf("only a union that says more of itself is left of the union")
	}
	d := described{schema: anyOf(list), core: "union"}
	if len(choices) == 1 {
		d.core, d.named, d.inner = only.core, only.named, only.inner
	}
	if len(choices) == len(whole.args) {
		return d, nil
	}
	return d.orNull(), nil
}

// orNull gives the type that may be None too.
func (d described) orNull() described {
	return described{schema: anyOf([]Property{d.schema, {"type": "null"}}), core: nullable + d.core, named: d.named, inner: &d}
}

// nullable stands in front of the core of a type that may be None.
const nullable = "nullable "

// anyOf joins schemas; those of an inner anyOf become members, and repeated ones are dropped.
func anyOf(list []Property) Property {
	var members []Property
	for _, p := range list {
		if inner, ok := p["anyOf"]; ok && len(p) == 1 {
			members = append(members, parameter.Members(inner)...)
		} else {
			members = append(members, p)
		}
	}
	if members = distinct(members, fingerprint); len(members) == 1 {
		return members[0]
	}
	return Property{"anyOf": members}
}

// fingerprint gives equal texts for equal schemas; encoding/json sorts keys.
func fingerprint(p Property) string {
	data, err := json.Marshal(p)
	if err != nil {
		return ""
	}
	return string(data)
}
