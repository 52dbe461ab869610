package schema

import (
	"slices"

	"github.com/flowmage/flowmage/tasks/python"
)

// mostClasses is how many classes may stand behind one, one behind the other: what they say is gathered anew for each.
const mostClasses = 100

func (r *Reader) base(c *class, n python.Node) error {
	f, err := r.typing(scope{Place: c.place}, n, 0)
	if err != nil {
		return err
	}
	switch {
	case f.kind == ownClass && f.class.kind == otherClass:
		return f.class.unknown
	case f.kind == ownClass:
		if c.depth = max(c.depth, f.class.depth+1); c.depth > mostClasses {
			return unknownf("more than %d classes stand behind it", mostClasses)
		}
		c.bases = append(c.bases, f)
		for _, root := range f.class.roots {
			if !slices.Contains(c.roots, root) {
				c.roots = append(c.roots, root)
			}
		}
		return nil
	case f.kind == external && f.name == "typing.Generic":
		for _, a := range f.args {
			if a.kind != typeVar {
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
			return unknownf("%s is made from %s, which is neither a class of this repository nor one of Python's library or pydantic that is known here", c.name, root)
		}
	}
	if c.kind == modelClass && !independent(c.bases) {
		return unknownf("%s is made from several classes that have to do with each other", c.name)
	}
	for _, b := range c.bases {
		if b.kind == ownClass && b.class.kind != c.kind && (b.class.kind != plainClass || annotates(b.class)) && b.class.kind != dataClass {
			return unknownf("%s is made from %s", c.name, b.class.name)
		}
		if b.kind == ownClass && b.class.kind == dataClass && c.kind != plainClass {
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
		if b.kind != ownClass || b.subscripted || len(b.class.variables) > 0 || !b.class.apart(seen) {
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
		if b.kind == ownClass && !b.class.apart(seen) {
			return false
		}
	}
	return true
}

func annotates(c *class) bool {
	return slices.ContainsFunc(c.assignments(), func(a *python.Assignment) bool { return !a.Annotation.Absent() })
}
