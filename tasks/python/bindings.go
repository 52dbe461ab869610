package python

import "math"

// Anywhere is the offset behind every statement: a name looked up there has its last meaning.
const Anywhere = math.MaxInt

// Binding is one statement that gives a name its meaning in the body of a module or class. One of the pointers is set.
type Binding struct {
	Start      int
	Guard      Guard
	Import     *Import
	Function   *Function
	Class      *Class
	Assignment *Assignment
}

// Bindings gives all bindings of a name in the body of the module, or of the class with that qualified name, in source order. Star imports
// are not among them.
func (m *Module) Bindings(owner, name string) []Binding {
	var out []Binding
	wanted := ModuleScope
	qualified := name
	if owner != "" {
		wanted, qualified = ClassScope, owner+"."+name
	}
	for i := range m.Imports {
		if x := &m.Imports[i]; owner == "" && x.Scope == ModuleScope && x.Name != "*" && x.Bound() == name {
			out = append(out, Binding{Start: x.Start, Guard: x.Guard, Import: x})
		}
	}
	for i := range m.Functions {
		if x := &m.Functions[i]; x.Scope == wanted && x.QualifiedName == qualified {
			out = append(out, Binding{Start: x.Start, Guard: x.Guard, Function: x})
		}
	}
	for i := range m.Classes {
		if x := &m.Classes[i]; x.Scope == wanted && x.QualifiedName == qualified {
			out = append(out, Binding{Start: x.Start, Guard: x.Guard, Class: x})
		}
	}
	for i := range m.Assignments {
		x := &m.Assignments[i]
		bare := x.Value.Absent() && !x.Annotation.Absent() // only annotates
		if x.Scope == wanted && x.Owner == owner && x.Target == name && !bare {
			out = append(out, Binding{Start: x.Start, Guard: x.Guard, Assignment: x})
		}
	}
	sortBindings(out)
	return out
}

func sortBindings(list []Binding) {
	for i := range list { // a handful, and nearly in order
		for k := i; k > 0 && list[k].Start < list[k-1].Start; k-- {
			list[k], list[k-1] = list[k-1], list[k]
		}
	}
}

// Binding gives what a name means at an offset: the last binding before it. One that stands in for another, below else or except, counts
// only where there is no other, and so do those that are made only for type checkers or in the main script.
func (m *Module) Binding(owner, name string, before int) (Binding, bool) {
	best := Binding{}
	found := false
	for _, b := range m.Bindings(owner, name) {
		if b.Start < before && (!found || rank(b.Guard) <= rank(best.Guard)) {
			best, found = b, true
		}
	}
	return best, found
}

func rank(g Guard) int {
	if g == Conditionally {
		return int(Always)
	}
	return int(g)
}

// Enclosing gives the innermost function around an offset, or nil.
func (m *Module) Enclosing(offset int) *Function {
	var found *Function
	for i := range m.Functions {
		if f := &m.Functions[i]; f.Start < offset && offset < f.End {
			found = f
		}
	}
	return found
}
