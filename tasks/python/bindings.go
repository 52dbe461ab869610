package python

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"sync"
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

// rank says how much a binding counts less than others.
func rank(g Guard) Guard {
	if g == Conditionally {
		return Always
	}
	return g
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

// contents is a module by its names, made when somebody asks: modules have been met with thousands of declarations and a question for each.
type contents struct {
	once     sync.Once
	bindings map[bound]bindings
	assigned map[string][]*Assignment // by the qualified name of their class
	methods  map[string][]*Function
	around   []int // for each function, the one that it stands in; -1 for none
}

// bound is a name in the body of the module, or of the class owner.
type bound struct{ owner, name string }

// bindings are those of one name. best says for each of them which counts behind it.
type bindings struct {
	all  []Binding
	best []int
}

func (m *Module) contents() *contents {
	c := m.known
	if c == nil { // nobody has parsed it
		c = &contents{}
	}
	c.once.Do(func() { c.fill(m) })
	return c
}

func (c *contents) fill(m *Module) {
	c.bindings = make(map[bound]bindings, len(m.Imports)+len(m.Functions)+len(m.Classes)+len(m.Assignments))
	c.assigned, c.methods = map[string][]*Assignment{}, map[string][]*Function{}
	add := func(owner, name string, b Binding) {
		list := c.bindings[bound{owner, name}]
		list.all = append(list.all, b)
		c.bindings[bound{owner, name}] = list
	}
	for i := range m.Imports {
		if x := &m.Imports[i]; x.Scope == ModuleScope && x.Name != "*" {
			add("", x.Bound(), Binding{Start: x.Start, Guard: x.Guard, Import: x})
		}
	}
	for i := range m.Functions {
		x := &m.Functions[i]
		if owner, ok := ownerOf(x.Scope, x.QualifiedName, x.Name); ok {
			add(owner, x.Name, Binding{Start: x.Start, Guard: x.Guard, Function: x})
			if x.Scope == ClassScope {
				c.methods[owner] = append(c.methods[owner], x)
			}
		}
	}
	for i := range m.Classes {
		x := &m.Classes[i]
		if owner, ok := ownerOf(x.Scope, x.QualifiedName, x.Name); ok {
			add(owner, x.Name, Binding{Start: x.Start, Guard: x.Guard, Class: x})
		}
	}
	for i := range m.Assignments {
		x := &m.Assignments[i]
		bare := x.Value.Absent() && !x.Annotation.Absent() // only annotates
		if x.Scope != FunctionScope && !bare {
			add(x.Owner, x.Target, Binding{Start: x.Start, Guard: x.Guard, Assignment: x})
		}
		if x.Scope == ClassScope {
			c.assigned[x.Owner] = append(c.assigned[x.Owner], x)
		}
	}
	for name, list := range c.bindings {
		list.sort()
		c.bindings[name] = list
	}
	c.around = nesting(m.Functions)
}

// ownerOf gives the class in whose body something stands, "" for the module; not ok for what stands in a function.
func ownerOf(s Scope, qualified, name string) (owner string, ok bool) {
	switch s {
	case ModuleScope:
		return "", true
	case ClassScope:
		return strings.TrimSuffix(qualified, "."+name), true
	default:
		return "", false
	}
}

func (b *bindings) sort() {
	slices.SortStableFunc(b.all, func(x, y Binding) int { return cmp.Compare(x.Start, y.Start) })
	b.best = make([]int, len(b.all))
	for i, x := range b.all {
		if b.best[i] = i; i > 0 && rank(x.Guard) > rank(b.all[b.best[i-1]].Guard) {
			b.best[i] = b.best[i-1]
		}
	}
}

// nesting gives for each function the one around it, or -1.
func nesting(functions []Function) []int {
	out := make([]int, len(functions))
	at := -1
	for i, f := range functions {
		for at >= 0 && functions[at].End <= f.Start {
			at = out[at]
		}
		out[i], at = at, i
	}
	return out
}
