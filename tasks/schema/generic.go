package schema

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// naming gives the name of a class's definition, its title, and what stands for its type parameters.
func (w *writer) naming(c *class, args []form) (name, title string, variables map[string]form, err error) {
	if len(args) == 0 {
		return c.name, c.name, map[string]form{}, nil
	}
	args = slices.Clone(args)
	for i := range args {
		args[i] = substituted(args[i], w.variables)
		if len(variablesOf(args[i])) > 0 {
			return "", "", nil, unknownf("%s with open types", c.name)
		}
	}
	if variables, err = filled(c, args); err != nil {
		return "", "", nil, err
	}
	shown, err := eachOf(args, displayed)
	if err != nil {
		return "", "", nil, err
	}
	return normalized(c.name + "[" + strings.Join(shown, ",") + "]"), c.name + "[" + strings.Join(shown, ", ") + "]", variables, nil
}

// displayed names a type as pydantic does in the title of a generic model.
func displayed(f form) (string, error) {
	inner, err := eachOf(f.args, displayed)
	if err != nil {
		return "", err
	}
	switch {
	case f.renamed:
		return "", unknownf("a generic type of that type")
	case f.kind == nothing:
		return "NoneType", nil
	case f.kind == external && (strings.HasPrefix(f.name, "builtins.") || f.name == "typing.Any" || strings.HasPrefix(f.name, "datetime.") || f.name == "uuid.UUID"):
		_, last := cutLast(f.name)
		last = cmp.Or(f.spelled, last)
		if f.subscripted {
			if len(inner) == 0 || slices.Contains(inner, "...") {
				return "", unknownf("a generic type of that type")
			}
			return last + "[" + strings.Join(inner, ", ") + "]", nil
		}
		return last, nil
	case f.kind == ownClass && !f.subscripted:
		return f.class.name, nil
	case f.kind == union:
		if inner = distinct(inner, func(s string) string { return s }); len(inner) == 1 {
			return inner[0], nil
		}
		return "Union[" + strings.Join(inner, ", ") + "]", nil
	default:
		return "", unknownf("a generic type of that type")
	}
}

// normalized gives a name as it is written in references.
func normalized(name string) string {
	return strings.Map(func(c rune) rune {
		if c < 128 && (unicode.IsLetter(c) || unicode.IsDigit(c)) || c == '.' || c == '-' {
			return c
		}
		return '_'
	}, name)
}

func filled(c *class, args []form) (map[string]form, error) {
	if len(args) != len(c.variables) {
		return nil, unknownf("%s takes %d types", c.name, len(c.variables))
	}
	out := map[string]form{}
	for i, v := range c.variables {
		out[v.name] = args[i]
	}
	return out, nil
}

// substituted puts types in the place of type parameters. A union in which that makes a member Any is Any (pydantic: _internal/_generics).
func substituted(f form, given map[string]form) form {
	if f.kind == typeVar {
		if g, ok := given[f.variable.name]; ok {
			return g
		}
		return f
	}
	if !slices.ContainsFunc(variablesOf(f), func(v variable) bool { _, ok := given[v.name]; return ok }) {
		return f
	}
	args := make([]form, len(f.args))
	for i, a := range f.args {
		args[i] = substituted(a, given)
	}
	f.args = args
	if f.kind != union {
		return f
	}
	for _, a := range args {
		if a.kind == external && a.name == "typing.Any" {
			return a
		}
	}
	return joined(args)
}

func variablesOf(f form) []variable {
	if f.kind == typeVar {
		return []variable{*f.variable}
	}
	var out []variable
	for _, a := range f.args {
		out = append(out, variablesOf(a)...)
	}
	return out
}
