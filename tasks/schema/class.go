package schema

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

type classKind int

const (
	otherClass classKind = iota // one that can't be told from the source
	plainClass
	enumClass
	modelClass
	dataClass
	dictClass
	tupleClass
)

// class is a class of the repository as pydantic sees it.
type class struct {
	key        classKey
	name       string
	kind       classKind
	definition *python.Class
	module     *python.Module
	place      python.Place
	unknown    error
	// bases are the classes of the repository that it is made from, and roots those outside.
	bases []form
	roots []string
	// total is false for a TypedDict whose fields need not be there.
	total bool
	// ours tells a pydantic dataclass from one of Python's.
	ours     bool
	keywords map[string]python.Node
	reading  bool
	record   *record
	members  []member
	membersErr,
	recordErr error
	membersRead bool
	variables   []variable
}

// class reads the head of a class: what kind it is and what it is made from.
func (r *Reader) class(file, script string, m *python.Module, d *python.Class) (*class, error) {
	key := classKey{file, d.QualifiedName}
	if c, ok := r.classes[key]; ok {
		if c.reading {
			return nil, unknownf("%s is made from itself", d.Name)
		}
		return c, nil
	}
	owner := ""
	if before, _, ok := cutLast(d.QualifiedName); ok {
		owner = before
	}
	c := &class{
		key: key, name: d.Name, definition: d, module: m, total: true, reading: true, keywords: map[string]python.Node{},
		place: python.Place{File: file, Script: script, Owner: owner, Offset: d.Start},
	}
	r.classes[key] = c
	r.head(c)
	c.reading = false
	return c, nil
}

// head reads bases and decorators.
func (r *Reader) head(c *class) {
	fail := func(err error) { c.kind, c.unknown = otherClass, err }
	if c.definition.Scope == python.FunctionScope {
		fail(unknownf("the class %s is made in a function", c.name))
		return
	}
	if c.definition.Guard != python.Always || len(c.module.Bindings(c.place.Owner, c.name)) != 1 {
		fail(unknownf("the class %s is not defined once", c.name))
		return
	}
	for _, e := range c.definition.Bases {
		if word, text, ok := keyword(e.Text); ok {
			n, err := python.Expr{Text: text}.Node()
			if err != nil || word == "metaclass" && text != "ABCMeta" && text != "abc.ABCMeta" {
				fail(unknownf("the class %s has a metaclass", c.name))
				return
			}
			c.keywords[word] = n
			continue
		}
		n, err := e.Node()
		if err == nil {
			err = r.base(c, n)
		}
		if err != nil {
			fail(unknownf("%s is made from %s: %s", c.name, e.Text, err))
			return
		}
	}
	if err := r.sort(c); err != nil {
		fail(err)
		return
	}
	if err := r.hooks(c); err != nil {
		fail(err)
	}
}

// keyword splits `total=False`, as it stands among the bases.
func keyword(text string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !ok || strings.HasPrefix(value, "=") || strings.ContainsAny(name, "([{'\". ") {
		return "", "", false
	}
	return name, strings.TrimSpace(value), true
}

func (r *Reader) base(c *class, n python.Node) error {
	f, err := r.typing(scope{Place: c.place}, n, 0)
	if err != nil {
		return err
	}
	switch {
	case f.kind == own && f.class.kind == otherClass:
		return f.class.unknown
	case f.kind == own:
		c.bases = append(c.bases, f)
		for _, root := range f.class.roots {
			if !slices.Contains(c.roots, root) {
				c.roots = append(c.roots, root)
			}
		}
		return nil
	case f.kind == external && f.name == "typing.Generic":
		for _, a := range f.args {
			if a.kind != parameter {
				return unknownf("its parameters are not read")
			}
			c.variables = append(c.variables, *a.variable)
		}
		return nil
	case f.kind == external && f.name == "pydantic.RootModel":
		c.roots = append(c.roots, "pydantic.BaseModel", "pydantic.RootModel")
		if f.subscripted && len(f.args) == 1 {
			c.bases = append(c.bases, form{kind: external, name: f.name, args: f.args, subscripted: true})
		}
		return nil
	case f.kind == external && f.subscripted && !container(f.name):
		return unknownf("it is generic")
	case f.kind == external && fieldless(f.name):
		c.roots = append(c.roots, "pydantic.BaseModel", blockRoot)
		return nil
	case f.kind == external:
		c.roots = append(c.roots, f.name)
		return nil
	default:
		return unknownf("it is no class")
	}
}

// sort tells what kind of class it is.
func (r *Reader) sort(c *class) error {
	has := func(names ...string) bool {
		return slices.ContainsFunc(c.roots, func(s string) bool { return slices.Contains(names, s) })
	}
	switch {
	case has("pydantic.BaseModel"):
		c.kind = modelClass
	case has("enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag"):
		c.kind = enumClass
	case has("typing.TypedDict"):
		c.kind = dictClass
	case has("typing.NamedTuple"):
		c.kind = tupleClass
	default:
		c.kind = plainClass
	}
	allowed := map[classKind][]string{
		modelClass: {"pydantic.BaseModel", "pydantic.RootModel", blockRoot, "abc.ABC", "builtins.object"},
		enumClass:  {"enum.Enum", "enum.IntEnum", "enum.StrEnum", "enum.Flag", "enum.IntFlag", "builtins.str", "builtins.int", "builtins.float", "builtins.object"},
		dictClass:  {"typing.TypedDict"},
		tupleClass: {"typing.NamedTuple"},
		plainClass: {
			"builtins.object", "abc.ABC", "builtins.str", "builtins.int", "builtins.float", "builtins.dict", "builtins.list", "builtins.set", "builtins.tuple",
			"builtins.bytes", "builtins.Exception", "builtins.BaseException", "builtins.ValueError", "builtins.TypeError", "builtins.KeyError",
			"builtins.RuntimeError",
		},
	}[c.kind]
	for _, root := range c.roots {
		if !slices.Contains(allowed, root) {
			return unknownf("%s is made from %s, which is not from Python's library, pydantic or this repository", c.name, root)
		}
	}
	if c.kind == modelClass && !independent(c.bases) {
		return unknownf("%s is made from several classes that have to do with each other", c.name)
	}
	for _, b := range c.bases {
		if b.kind == own && b.class.kind != c.kind && (b.class.kind != plainClass || annotates(b.class)) && b.class.kind != dataClass {
			return unknownf("%s is made from %s", c.name, b.class.name)
		}
		if b.kind == own && b.class.kind == dataClass && c.kind != plainClass {
			return unknownf("%s is made from the dataclass %s", c.name, b.class.name)
		}
	}
	return r.decorators(c)
}

// independent tells whether no class stands behind two of the bases, and none of them takes types: else the order in which Python looks
// through them matters.
func independent(bases []form) bool {
	if len(bases) < 2 {
		return true
	}
	seen := map[*class]bool{}
	for _, b := range bases {
		if b.kind != own || b.subscripted || len(b.class.variables) > 0 || !b.class.apart(seen) {
			return false
		}
	}
	return true
}

// apart adds a class and all behind it to those seen; it gives false when one was seen before.
func (c *class) apart(seen map[*class]bool) bool {
	if seen[c] {
		return false
	}
	seen[c] = true
	for _, b := range c.bases {
		if b.kind == own && !b.class.apart(seen) {
			return false
		}
	}
	return true
}

func annotates(c *class) bool {
	return slices.ContainsFunc(c.module.Assignments, func(a python.Assignment) bool {
		return a.Scope == python.ClassScope && a.Owner == c.definition.QualifiedName && !a.Annotation.Absent()
	})
}

// decorators turns a plain class into a dataclass.
func (r *Reader) decorators(c *class) error {
	inherits := false
	for _, b := range c.bases {
		inherits = inherits || b.kind == own && b.class.kind == dataClass
		c.ours = c.ours || b.kind == own && b.class.ours
	}
	decorated := false
	for _, e := range c.definition.Decorators {
		n, err := e.Node()
		if err != nil {
			return unknownf("the decorator of %s can't be read", c.name)
		}
		if call, ok := n.(*python.Call); ok {
			n = call.Func
			for _, k := range call.Keywords {
				c.keywords["@"+k.Name] = k.Value
			}
		}
		dotted, ok := python.Dotted(n)
		if !ok {
			return unknownf("the decorator of %s can't be read", c.name)
		}
		o, err := r.resolve(scope{Place: c.place}, dotted)
		switch {
		case err != nil:
			return err
		case o.name == "enum.unique" && c.kind == enumClass, o.name == "typing.final", o.name == "typing.runtime_checkable":
		case (o.name == "dataclasses.dataclass" || o.name == "pydantic.dataclasses.dataclass") && c.kind == plainClass:
			decorated = true
			c.ours = c.ours || o.name == "pydantic.dataclasses.dataclass"
		default:
			return unknownf("%s has the decorator %s", c.name, dotted)
		}
	}
	switch {
	case decorated && len(c.roots) > 0 && !slices.Equal(c.roots, []string{"builtins.object"}) && !slices.Equal(c.roots, []string{"abc.ABC"}):
		return unknownf("the dataclass %s is made from %s", c.name, c.roots[0])
	case decorated:
		c.kind = dataClass
		for word := range c.keywords {
			if word == "@config" || word == "@init" || word == "@validate_on_init" {
				return unknownf("the dataclass %s has settings", c.name)
			}
		}
		if len(c.bases) > 1 || len(c.variables) > 0 {
			return unknownf("the dataclass %s is made from several classes", c.name)
		}
	case inherits:
		return unknownf("%s is made from a dataclass and is none", c.name)
	}
	return nil
}

// hooks looks for methods that change what pydantic makes of the class.
func (*Reader) hooks(c *class) error {
	for _, f := range c.module.Functions {
		if f.Scope != python.ClassScope || f.QualifiedName != c.definition.QualifiedName+"."+f.Name {
			continue
		}
		switch f.Name {
		case "__get_pydantic_core_schema__", "__get_pydantic_json_schema__", "__get_validators__", "__modify_schema__", "model_json_schema",
			"__pydantic_init_subclass__", "__init_subclass__", "__class_getitem__", "model_parametrized_name", "__new__", "__set_name__",
			"_generate_next_value_", "__pydantic_on_complete__":
			return unknownf("%s has a method %s", c.name, f.Name)
		case "__init__":
			if c.kind == enumClass {
				return unknownf("the enum %s has a method __init__", c.name)
			}
		}
		for _, d := range f.Decorators {
			if c.kind == modelClass || c.kind == dataClass {
				if strings.Contains(d.Text, "field_validator") && (strings.Contains(d.Text, "plain") || strings.Contains(d.Text, "json_schema_input_type")) ||
					strings.Contains(d.Text, "root_validator") || d.Text == "validator" || strings.HasPrefix(d.Text, "validator(") {
					return unknownf("%s validates fields in a way that is not read", c.name)
				}
			}
		}
	}
	for _, a := range c.module.Assignments {
		if a.Scope == python.ClassScope && a.Owner == c.definition.QualifiedName && strings.HasPrefix(a.Target, "__") && a.Target != "__slots__" &&
			a.Target != "__hash__" {
			return unknownf("%s sets %s", c.name, a.Target)
		}
	}
	return nil
}

// doc gives the class's own docstring as inspect.cleandoc has it, or "".
func (c *class) doc() string {
	if !c.definition.HasDoc || c.definition.Doc == "" {
		return ""
	}
	return python.CleanDoc(c.definition.Doc)
}
