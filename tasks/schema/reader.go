package schema

import (
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// origin is where a name leads: to something outside of the repository with its canonical name, or to a definition in it.
type origin struct {
	name string
	// spelled is typing's own name for one of Python's types, such as List: some texts show it.
	spelled string
	python.Origin
}

// outside gives the origin of what has that full name outside of the repository.
func outside(name string) origin {
	out := origin{name: canonical(name)}
	if module, last := cutLast(name); (module == "typing" || module == "typing_extensions") && strings.HasPrefix(out.name, "builtins.") && last != "Text" {
		out.spelled = last
	}
	return out
}

// resolve follows a name. What is only known to type checkers, and what may mean one of several things, is an error.
func (r *Reader) resolve(s scope, dotted string) (origin, error) {
	if s.foreign {
		return foreignOrigin(dotted)
	}
	if err := r.unambiguous(s, dotted); err != nil {
		return origin{}, err
	}
	o, ok := r.library.Resolve(s.Place, dotted)
	switch {
	case !ok:
		return origin{}, unknownf("%s leads to a file that can't be read", dotted)
	case o.File != "" && o.Function == nil && o.Class == nil && o.Assignment == nil:
		return origin{}, unknownf("%s is a module", dotted)
	case o.File != "":
		return origin{Origin: o}, nil
	case o.Outside:
		if strings.HasPrefix(o.Name, ".") {
			return origin{}, unknownf("%s is imported from a file that is not there", dotted)
		}
		return outside(o.Name), nil
	}
	for _, star := range o.Stars {
		if !standardModule(star) {
			return origin{}, unknownf("%s may come from `from %s import *`", dotted, star)
		}
	}
	switch {
	case builtin(head(dotted)):
		return origin{name: "builtins." + dotted}, nil
	case len(o.Stars) > 0:
		return starred(o.Stars, dotted)
	default:
		return origin{}, &unbound{dotted}
	}
}

// follow resolves an expression that is a name, and gives that as written. Of any other one, which Python computes, computed is the error.
func (r *Reader) follow(s scope, n python.Node, computed string) (o origin, dotted string, err error) {
	dotted, ok := python.Dotted(n)
	if !ok {
		return origin{}, "", &unknown{computed}
	}
	o, err = r.resolve(s, dotted)
	return o, dotted, err
}

// starred gives a name that comes from one of Python's own modules.
func starred(stars []string, dotted string) (origin, error) {
	for _, star := range stars {
		o := outside(star + "." + dotted)
		if _, ok := leaves[o.name]; ok || container(o.name) || special(o.name) {
			return o, nil
		}
	}
	return origin{}, unknownf("%s may come from a star import", dotted)
}

// foreignOrigin gives what a name means in the module of Prefect that builds models: where it looks for names in quotes.
func foreignOrigin(dotted string) (origin, error) {
	first, rest, _ := strings.Cut(dotted, ".")
	switch {
	case builtin(first):
		return origin{name: "builtins." + dotted}, nil
	case rest != "" && (first == "typing" || first == "t"):
		return outside("typing." + rest), nil
	case rest != "" && first == "pydantic":
		return origin{name: canonical("pydantic." + rest)}, nil
	case first == "inspect" || first == "ConfigDict" || first == "V2BaseModel" || first == "create_model" || first == "FieldInfo" || first == "TypeAdapter",
		first == "PydanticUndefinedAnnotation", first == "PydanticUserError", first == "typing", first == "t", first == "pydantic":
		return origin{}, unknownf("%s means something in Prefect", dotted)
	default:
		return origin{}, &unbound{dotted}
	}
}

// unambiguous looks at all bindings of a name's head.
func (r *Reader) unambiguous(s scope, dotted string) error {
	m, err := r.library.Module(s.File)
	if err != nil {
		return unknownf("%s can't be read", s.File)
	}
	first := head(dotted)
	var all []python.Binding
	if s.Owner != "" {
		all = m.Bindings(s.Owner, first)
	}
	if len(all) == 0 {
		all = m.Bindings("", first)
	}
	var running []python.Binding
	for _, b := range all {
		if b.Guard != python.WhenMain && b.Guard != python.WhenChecking && b.Start < s.Offset {
			running = append(running, b)
		}
	}
	switch {
	case len(running) == 0 && len(all) > 0 && !builtin(first):
		return &unbound{first}
	case len(running) <= 1:
		return nil
	}
	for _, b := range running {
		if b.Import == nil || b.Import.Level > 0 || canonical(fullName(b.Import)) != canonical(fullName(running[0].Import)) {
			return unknownf("%s is bound more than once", first)
		}
	}
	return nil
}

func fullName(i *python.Import) string {
	switch {
	case i == nil:
		return ""
	case i.Name == "" && i.As == "":
		return head(i.Module)
	case i.Name == "":
		return i.Module
	default:
		return i.Module + "." + i.Name
	}
}

func head(dotted string) string {
	first, _, _ := strings.Cut(dotted, ".")
	return first
}
