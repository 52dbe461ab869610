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
	case ownClass:
		return w.class(f)
	case union:
		return w.union(f.args)
	case literal:
		return literalSchema(f.values), nil
	case annotated:
		return w.annotated(f)
	case typeVar:
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
	case "builtins.list", "collections.abc.MutableSequence", "collections.deque":
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
		f.args = []form{firstOf(f.args), {kind: external, name: "builtins.int"}}
		return w.mapping(f, "dict")
	case "builtins.type":
		return described{schema: Property{}, core: coreOther}, nil
	case "collections.abc.Callable":
		return described{}, refused{built: true}
	case "typing.AnyStr":
		return w.union([]form{{kind: external, name: "builtins.bytes"}, {kind: external, name: "builtins.str"}})
	case "pydantic.SerializeAsAny", "pydantic.Secret":
		return w.around(f)
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
		return described{}, unknownf("%s is neither a type of this repository nor one of Python's library or pydantic that is known here", f.name)
	}
}

// around writes a type that shows as the one inside of it.
func (w *writer) around(f form) (described, error) {
	if len(f.args) != 1 {
		return described{}, unknownf("%s is given no type", f.name)
	}
	inner, err := w.describe(f.args[0])
	inner.core = coreOther
	return inner, err
}

func (w *writer) leaf(f form, l leaf) (described, error) {
	if f.subscripted {
		switch f.name {
		case "re.Pattern", "os.PathLike":
			if len(f.args) != 1 || f.args[0].kind != external || f.args[0].name != "builtins.str" && f.args[0].name != "builtins.bytes" {
				return described{}, unknownf("the type is not read from source")
			}
		case "pydantic.ImportString": // whatever it leads to
		case "pydantic.Json":
			inner, err := w.describe(firstOf(f.args))
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

func reference(name string) Property { return Property{"$ref": "#/definitions/" + name} }

// copied gives a copy that may be changed at its top.
func copied(p Property) Property {
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
