package schema

func firstOf(args []form) form {
	if len(args) == 0 {
		return form{kind: external, name: "typing.Any"}
	}
	return args[0]
}

func (w *writer) list(f form, core string, unique bool) (described, error) {
	items, err := w.describe(firstOf(f.args))
	if err != nil {
		return described{}, err
	}
	p := Property{"type": "array", "items": items.schema}
	if unique {
		p["uniqueItems"] = true
	}
	return described{schema: p, core: core}, nil
}

func (w *writer) tuple(f form) (described, error) {
	switch {
	case !f.subscripted:
		return described{schema: Property{"type": "array", "items": Property{}}, core: "tuple"}, nil
	case len(f.args) == 2 && f.args[1].kind == ellipsis:
		return w.list(f, "tuple", false)
	}
	p := Property{"type": "array", "minItems": len(f.args), "maxItems": len(f.args)}
	prefix, err := eachOf(f.args, func(a form) (Property, error) {
		d, err := w.describe(a)
		return d.schema, err
	})
	if err != nil {
		return described{}, err
	}
	if len(prefix) > 0 {
		p["prefixItems"] = prefix
	}
	return described{schema: p, core: "tuple"}, nil
}

func (w *writer) mapping(f form, core string) (described, error) {
	p := Property{"type": object}
	keys, values := Property{}, Property{}
	if len(f.args) > 0 {
		k, err := w.describe(f.args[0])
		if err != nil {
			return described{}, err
		}
		keys = copied(k.schema)
	}
	if len(f.args) > 1 {
		v, err := w.describe(f.args[1])
		if err != nil {
			return described{}, err
		}
		values = copied(v.schema)
	}
	pattern, patterned := any(nil), false
	if _, ref := keys["$ref"]; !ref {
		pattern, patterned = keys["pattern"]
		delete(keys, "pattern")
		delete(keys, "title")
	}
	delete(values, "title")
	switch {
	case patterned:
		text, _ := pattern.(string)
		p["patternProperties"] = Property{text: values}
	case len(values) > 0:
		p["additionalProperties"] = values
	default:
		p["additionalProperties"] = true
	}
	if _, ref := keys["$ref"]; ref || keys["type"] == "string" && len(keys) > 1 {
		delete(keys, "type")
		p["propertyNames"] = keys
	}
	return described{schema: p, core: core}, nil
}
