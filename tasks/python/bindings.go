package python

import (
	"cmp"
	"math"
	"slices"
)

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
// are not among them. Nobody may change the list.
func (m *Module) Bindings(owner, name string) []Binding {
	return m.contents().bindings[bound{owner, name}].all
}

// Binding gives what a name means at an offset: the last binding before it. One that stands in for another, below else or except, counts
// only where there is no other, and so do those that are made only for type checkers or in the main script.
func (m *Module) Binding(owner, name string, before int) (Binding, bool) {
	b := m.contents().bindings[bound{owner, name}]
	n, _ := slices.BinarySearchFunc(b.all, before, func(b Binding, before int) int { return cmp.Compare(b.Start, before) })
	if n == 0 {
		return Binding{}, false
	}
	return b.all[b.best[n-1]], true
}

func rank(g Guard) int {
	if g == Conditionally {
		return int(Always)
	}
	return int(g)
}

// Members gives what the body of the class with that qualified name assigns, and the functions in it. Nobody may change the lists.
func (m *Module) Members(class string) ([]*Assignment, []*Function) {
	c := m.contents()
	return c.assigned[class], c.methods[class]
}

// Enclosing gives the innermost function around an offset, or nil.
func (m *Module) Enclosing(offset int) *Function {
	n, _ := slices.BinarySearchFunc(m.Functions, offset, func(f Function, offset int) int { return cmp.Compare(f.Start, offset) })
	for around, i := m.contents().around, n-1; i >= 0; i = around[i] {
		if f := &m.Functions[i]; offset < f.End {
			return f
		}
	}
	return nil
}
