package schema

import "maps"

// described is a form's schema as pydantic writes it.
type described struct {
	schema Property
	core   string
	// named tells that the type brings a title of its own, so that a field's name is none.
	named bool
	// inner is the type that may be None here.
	inner *described
}

// writer writes the schema of one parameter, and the definitions that it refers to.
type writer struct {
	reader *Reader
	// at is where names in quotes are looked up: the module of the class being read, or nowhere for a parameter.
	at          scope
	definitions map[string]Property
	// open are the records that are being written, outermost first; recursive those that refer to themselves.
	open      []string
	recursive map[string]bool
	classes   map[string]string // who has a definition's name
	variables map[string]form   // what stands for TypeVars
	arbitrary bool              // pydantic takes any class, as it does for parameters
	config    config
	depth     int
}

func newWriter(r *Reader) *writer {
	return &writer{
		reader: r, at: scope{foreign: true, foreignStrings: true}, definitions: map[string]Property{}, classes: map[string]string{}, recursive: map[string]bool{}, arbitrary: true,
	}
}

// describe writes a form.
func (w *writer) describe(f form) (described, error) {
	if w.depth++; w.depth > deepest {
		return described{}, unknownf("the type nests too deep")
	}
	defer func() { w.depth-- }()
	switch f.kind {
	case nothing:
		return described{schema: Property{"type": "null"}, core: "none"}, nil
	case external:
		return w.external(f)
	case own:
		return w.class(f)
	case union:
		return w.union(f.args)
	case literal:
		return literalSchema(f.values), nil
	case annotated:
		return w.annotated(f)
	case parameter:
		return w.parameter(f.variable)
	case forward:
		return w.forward(f)
	case instance, ellipsis:
		return described{}, refused{}
	default:
		return described{}, unknownf("the type is not read from source")
	}
}

// forward reads a name in quotes inside of a type.
func (w *writer) forward(f form) (described, error) {
	s := w.at
	s.foreignStrings = s.foreign
	inner, err := w.reader.quoted(s, f.name, 0)
	if _, missing := err.(*unbound); missing { //nolint:errorlint // it is never wrapped
		return described{}, refused{}
	}
	if err != nil {
		return described{}, err
	}
	return w.describe(inner)
}

func (w *writer) parameter(v *variable) (described, error) {
	if f, ok := w.variables[v.name]; ok {
		return w.describe(f)
	}
	switch {
	case len(v.constraints) > 0:
		return w.union(v.constraints)
	case v.bound != nil:
		return w.describe(*v.bound)
	default:
		return described{schema: Property{}, core: "any"}, nil
	}
}

// union writes anyOf. A member without a schema is left out, as pydantic does; null comes last.
func (w *writer) union(members []form) (described, error) {
	if f := substituted(form{kind: union, args: members}, w.variables); f.kind != union {
		return w.describe(f)
	} else {
		members = f.args
	}
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
			for _, m := range schemas(inner) {
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

// schemas gives a list of schemas, however it was made.
func schemas(v any) []Property {
	switch list := v.(type) {
	case []Property:
		return list
	case []any:
		out := make([]Property, 0, len(list))
		for _, x := range list {
			switch m := x.(type) {
			case map[string]any:
				out = append(out, m)
			case Property:
				out = append(out, m)
			}
		}
		return out
	default:
		return nil
	}
}

// literalSchema writes enum or const, with a type where all values have the same.
func literalSchema(values []value) described {
	list := make([]any, 0, len(values))
	for _, v := range values {
		list = append(list, v.json)
	}
	out := Property{"enum": list}
	if len(list) == 1 {
		out = Property{"const": list[0]}
	}
	if t := jsonType(list); t != "" {
		out["type"] = t
	}
	return described{schema: out, core: "literal"}
}

// jsonType gives the type that all values share, or "".
func jsonType(list []any) string {
	found := ""
	for n, v := range list {
		t := jsonTypeOf(v)
		if n > 0 && t != found {
			return ""
		}
		found = t
	}
	return found
}

// external writes a type of Python's library or of pydantic.
func (w *writer) external(f form) (described, error) {
	if l, ok := leaves[f.name]; ok && !container(f.name) {
		return w.leaf(f, l)
	}
	switch f.name {
	case "builtins.list", "collections.abc.MutableSequence":
		return w.list(f, "list", false)
	case "collections.deque":
		return w.list(f, "list", false)
	case "collections.abc.Sequence":
		return w.list(f, "sequence", false)
	case "collections.abc.Iterable", "collections.abc.Generator":
		return w.list(f, "generator", false)
	case "builtins.set", "collections.abc.MutableSet", "builtins.frozenset", "collections.abc.Set":
		return w.list(f, "set", true)
	case "builtins.tuple":
		return w.tuple(f)
	case "builtins.dict", "collections.OrderedDict":
		return w.mapping(f, "dict")
	case "collections.abc.Mapping", "collections.abc.MutableMapping", "collections.defaultdict":
		return w.mapping(f, "mapping")
	case "collections.Counter":
		f.args = append(firstOf(f.args), form{kind: external, name: "builtins.int"})
		return w.mapping(f, "dict")
	case "builtins.type":
		return described{schema: Property{}, core: coreOther}, nil
	case "collections.abc.Callable":
		return described{}, refused{built: true}
	case "typing.AnyStr":
		return w.union([]form{{kind: external, name: "builtins.bytes"}, {kind: external, name: "builtins.str"}})
	case "pydantic.JsonValue":
		w.definitions["JsonValue"], w.classes["JsonValue"] = Property{}, "pydantic.JsonValue"
		return described{schema: reference("JsonValue"), core: "ref", named: true}, nil
	case valueBlock:
		return w.secret(f)
	case "pydantic.BaseModel":
		if f.subscripted {
			return described{}, unknownf("BaseModel takes no types")
		}
		w.definitions["BaseModel"], w.classes["BaseModel"] = Property{"properties": map[string]any{}, "title": "BaseModel", "type": object}, "pydantic.BaseModel"
		return described{schema: reference("BaseModel"), core: "model", named: true}, nil
	case "typing.Optional", "typing.Union", "typing.Literal", "typing.Annotated", "typing.NoReturn", "typing.Never", "typing.LiteralString", "typing.Generic":
		if f.subscripted {
			return described{}, unknownf("the type is not read from source")
		}
		return described{}, refused{}
	default:
		return described{}, unknownf("the type %s is not from Python's library, pydantic or this repository", f.name)
	}
}

func (w *writer) leaf(f form, l leaf) (described, error) {
	if f.subscripted {
		switch f.name {
		case "re.Pattern", "os.PathLike":
			if len(f.args) != 1 || f.args[0].kind != external || f.args[0].name != "builtins.str" && f.args[0].name != "builtins.bytes" {
				return described{}, unknownf("the type is not read from source")
			}
		case "pydantic.Json":
			inner, err := w.describe(firstOf(f.args)[0])
			if err != nil {
				return described{}, err
			}
			p := l.property()
			p["contentSchema"] = inner.schema
			return described{schema: p, core: l.core}, nil
		default:
			if l.core != "instance" {
				return described{}, unknownf("the type is not read from source")
			}
		}
	}
	if l.core == "instance" && !w.arbitrary {
		return described{}, unknownf("%s inside of another type", f.name)
	}
	p := l.property()
	if l.core == coreString {
		w.config.text(p)
	}
	return described{schema: p, core: l.core}, nil
}

func firstOf(args []form) []form {
	if len(args) == 0 {
		return []form{{kind: external, name: "typing.Any"}}
	}
	return args[:1:1]
}

func (w *writer) list(f form, core string, unique bool) (described, error) {
	items, err := w.describe(firstOf(f.args)[0])
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
	var prefix []Property
	for _, a := range f.args {
		d, err := w.describe(a)
		if err != nil {
			return described{}, err
		}
		prefix = append(prefix, d.schema)
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
		keys = k.schema.copied()
	}
	if len(f.args) > 1 {
		v, err := w.describe(f.args[1])
		if err != nil {
			return described{}, err
		}
		values = v.schema.copied()
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

func reference(name string) Property { return Property{"$ref": "#/definitions/" + name} }

// copied gives a copy that may be changed at its top.
func (p Property) copied() Property {
	out := make(Property, len(p)+2)
	maps.Copy(out, p)
	return out
}

// class writes a class of the repository.
func (w *writer) class(f form) (described, error) {
	c := f.class
	if f.subscripted && c.kind != modelClass && c.kind != plainClass {
		return described{}, unknownf("%s is generic", c.name)
	}
	switch c.kind {
	case plainClass:
		if !w.arbitrary {
			return described{}, unknownf("the class %s inside of another type", c.name)
		}
		return described{schema: Property{}, core: "instance"}, nil
	case enumClass:
		return w.enum(c)
	case modelClass, dataClass, dictClass, tupleClass:
		return w.record(c, f.args)
	default:
		return described{}, c.unknown
	}
}
