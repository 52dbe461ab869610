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
	named    map[string]int // the members by their names
	valued   map[string]int // and by their values
	membersErr,
	recordErr error
	membersRead bool
	variables   []variable
	depth       int // how many classes stand behind it, one behind the other
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
	owner, _ := cutLast(d.QualifiedName)
	c := &class{
		key: key, name: d.Name, definition: d, module: m, total: true, reading: true, keywords: map[string]python.Node{},
		place: python.Place{File: file, Script: script, Owner: owner, Offset: d.Start},
	}
	r.classes[key] = c
	if err := r.head(c); err != nil {
		c.kind, c.unknown = otherClass, err
	}
	c.reading = false
	return c, nil
}

// head reads bases and decorators.
func (r *Reader) head(c *class) error {
	if c.definition.Scope == python.FunctionScope {
		return unknownf("the class %s is made in a function", c.name)
	}
	if c.definition.Guard != python.Always || len(c.module.Bindings(c.place.Owner, c.name)) != 1 {
		return unknownf("the class %s is not defined once", c.name)
	}
	for _, e := range c.definition.Bases {
		if word, text, ok := keyword(e.Text); ok {
			n, err := python.Expr{Text: text}.Node()
			if err != nil || word == "metaclass" && text != "ABCMeta" && text != "abc.ABCMeta" {
				return unknownf("the class %s has a metaclass", c.name)
			}
			c.keywords[word] = n
			continue
		}
		n, err := e.Node()
		if err == nil {
			err = r.base(c, n)
		}
		if err != nil {
			return unknownf("%s is made from %s: %s", c.name, e.Text, err)
		}
	}
	if err := r.sort(c); err != nil {
		return err
	}
	return r.hooks(c)
}

// keyword splits `total=False`, as it stands among the bases.
func keyword(text string) (name, given string, ok bool) {
	name, given, ok = strings.Cut(text, "=")
	name = strings.TrimSpace(name)
	if !ok || strings.HasPrefix(given, "=") || strings.ContainsAny(name, "([{'\". ") {
		return "", "", false
	}
	return name, strings.TrimSpace(given), true
}

// decorators turns a plain class into a dataclass.
func (r *Reader) decorators(c *class) error {
	inherits := false
	for _, b := range c.bases {
		inherits = inherits || b.kind == ownClass && b.class.kind == dataClass
		c.ours = c.ours || b.kind == ownClass && b.class.ours
	}
	decorated := false
	for _, e := range c.definition.Decorators {
		name, err := r.decorator(c, e)
		switch {
		case err != nil:
			return err
		case name == "enum.unique" && c.kind == enumClass, name == "typing.final", name == "typing.runtime_checkable":
		case (name == "dataclasses.dataclass" || name == "pydantic.dataclasses.dataclass") && c.kind == plainClass:
			decorated = true
			c.ours = c.ours || name == "pydantic.dataclasses.dataclass"
		default:
			return unknownf("%s has the decorator %s", c.name, oneLine(e.Text))
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

// decorator gives a decorator's full name, and keeps its keywords.
func (r *Reader) decorator(c *class, e python.Expr) (string, error) {
	n, err := e.Node()
	if err != nil {
		return "", unknownf("the decorator of %s can't be read", c.name)
	}
	if call, ok := n.(*python.Call); ok {
		n = call.Func
		for _, k := range call.Keywords {
			c.keywords["@"+k.Name] = k.Value
		}
	}
	o, _, err := r.follow(scope{Place: c.place}, n, "the decorator of "+c.name+" can't be read")
	return o.name, err
}

// hooks looks for methods that change what pydantic makes of the class.
func (*Reader) hooks(c *class) error {
	for _, f := range c.methods() {
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
		if (c.kind == modelClass || c.kind == dataClass) && slices.ContainsFunc(f.Decorators, replaces) {
			return unknownf("%s validates fields in a way that is not read", c.name)
		}
	}
	for _, a := range c.assignments() {
		if strings.HasPrefix(a.Target, "__") && a.Target != "__slots__" && a.Target != "__hash__" {
			return unknownf("%s sets %s", c.name, a.Target)
		}
	}
	return nil
}

// replaces tells whether a decorator makes a validator that says itself what a field takes, or one of pydantic's first version.
func replaces(d python.Expr) bool {
	return strings.Contains(d.Text, "field_validator") && (strings.Contains(d.Text, "plain") || strings.Contains(d.Text, "json_schema_input_type")) ||
		strings.Contains(d.Text, "root_validator") || d.Text == "validator" || strings.HasPrefix(d.Text, "validator(")
}

// assignments gives those of the class's body.
func (c *class) assignments() []*python.Assignment {
	assigned, _ := c.module.Members(c.definition.QualifiedName)
	return assigned
}

// methods gives the functions of the class's body.
func (c *class) methods() []*python.Function {
	_, methods := c.module.Members(c.definition.QualifiedName)
	return methods
}
