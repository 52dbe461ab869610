package schema

import "github.com/flowmage/flowmage/tasks/parameter"

// union writes anyOf. A member without a schema is left out, as pydantic does; null comes last.
func (w *writer) union(members []form) (described, error) {
	whole := substituted(form{kind: union, args: members}, w.variables)
	if whole.kind != union {
		return w.describe(whole)
	}
	members = whole.args
	var list []Property
	var only *described
	nullable := false
	members = distinct(members)
	core, named := "union", false
	choices := 0
	for _, m := range members {
		if m.kind != nothing {
			choices++
		}
	}
	for _, m := range members {
		if m.kind == nothing {
			nullable = true
			continue
		}
		d, err := w.describe(m)
		if no, is := err.(refused); is && choices > 1 { //nolint:errorlint // it is never wrapped
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
		if choices == 1 {
			core, named, only = d.core, d.named, d.inner
		}
		list = append(list, d.schema)
	}
	if choices == 0 {
		return described{schema: Property{"type": "null"}, core: "none"}, nil
	}
	if len(list) == 0 {
		return described{}, unknownf("no member of the union has a schema")
	}
	if _, inner := list[0]["anyOf"]; inner && len(list) == 1 && choices > 1 && len(list[0]) > 1 {
		return described{}, unknownf("only a union that says more of itself is left of the union")
	}
	inner := anyOf(list)
	d := described{schema: inner, core: core, named: named, inner: only}
	if !nullable {
		return d, nil
	}
	return described{schema: anyOf([]Property{inner, {"type": "null"}}), core: nullableOf(core), named: named, inner: &d}, nil
}

func nullableOf(core string) string { return "nullable " + core }

// distinct drops repeated members, as typing does for those that are the same object.
func distinct(members []form) []form {
	var out []form
	for _, m := range members {
		if m.kind == nothing && len(out) > 0 {
			repeated := false
			for _, o := range out {
				repeated = repeated || o.kind == nothing
			}
			if repeated {
				continue
			}
		}
		out = append(out, m)
	}
	return out
}

// anyOf joins schemas; those of an inner anyOf become members, and repeated ones are dropped.
func anyOf(list []Property) Property {
	var members []Property
	seen := map[string]bool{}
	add := func(p Property) {
		if key := fingerprint(p); !seen[key] {
			seen[key] = true
			members = append(members, p)
		}
	}
	for _, p := range list {
		if inner, ok := p["anyOf"]; ok && len(p) == 1 {
			for _, m := range parameter.Members(inner) {
				add(m)
			}
			continue
		}
		add(p)
	}
	if len(members) == 1 {
		return members[0]
	}
	return Property{"anyOf": members}
}
