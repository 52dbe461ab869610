package python

import (
	"path"
	"slices"
	"strings"
)

// farthest bounds how many steps a name is followed, so that modules that import each other end.
const farthest = 40

// Origin is where a name leads.
type Origin struct {
	// Name is the full name of what is defined outside of the tree, as it was imported: prefect.flow, typing.Optional. For what nothing in
	// sight binds, a builtin as a rule, it is the name as written.
	Name string
	// Outside tells that an import leads out of the tree.
	Outside bool
	// Stars are the modules outside of the tree from which everything was imported where the name is used: it may come from them.
	Stars []string

	// File and Module are the place of the definition in the tree, empty for what is outside. One of the pointers is set, or none for a
	// module as such.
	File       string
	Module     *Module
	Function   *Function
	Class      *Class
	Assignment *Assignment
	// Rest are the attributes that could not be followed: of a value, say.
	Rest string
	// Only tells that the definition is the only binding of the name in its body, so that a constant has no other value.
	Only bool

	rivals []rival
}

// Value gives the expression that an assignment binds the name to, and the place where its names mean something. ok is false for an origin
// that is no assignment, or has no value in sight. script is the folder of the script that is run.
func (o Origin) Value(script string) (n Node, at Place, ok bool) {
	if o.Assignment == nil || o.Rest != "" || o.Assignment.Value.Absent() {
		return nil, Place{}, false
	}
	n, err := o.Assignment.Value.Node()
	return n, Place{File: o.File, Script: script, Owner: o.Assignment.Owner, Offset: o.Assignment.Start}, err == nil
}

// Place is where a name is used: the file, the folder of the script that is run, the qualified name of the class around ("" for none), and
// the offset in the file.
type Place struct {
	File, Script, Owner string
	Offset              int
}

// Resolve follows a dotted name, through rebinding such as `step = prefect.flow`, imports and re-exports, to where it is defined. ok is false
// when a module on the way can't be read, or names go round in a circle.
func (l *Library) Resolve(at Place, dotted string) (Origin, bool) {
	return l.resolve(at, dotted, farthest)
}

func (l *Library) resolve(at Place, dotted string, left int) (Origin, bool) {
	if left == 0 {
		return Origin{}, false
	}
	m, err := l.Module(at.File)
	if err != nil {
		return Origin{}, false
	}
	first, _, _ := strings.Cut(dotted, ".")
	owner := at.Owner
	b, ok := Binding{}, false
	if owner != "" {
		b, ok = m.Binding(owner, first, at.Offset)
	}
	if !ok {
		owner = ""
		b, ok = m.Binding("", first, at.Offset)
	}
	if !ok {
		return l.starred(m, at, dotted, left)
	}
	o, ok := l.bound(m, at, owner, b, dotted, left)
	return l.contested(o, m, at, owner, b, dotted, left), ok
}

// bound follows a dotted name from the statement that binds its head.
func (l *Library) bound(m *Module, at Place, owner string, b Binding, dotted string, left int) (Origin, bool) {
	first, rest, _ := strings.Cut(dotted, ".")
	here := Place{File: at.File, Script: at.Script, Offset: b.Start}
	switch {
	case b.Import != nil:
		return l.imported(here, *b.Import, rest, left)
	case b.Class != nil && rest != "":
		return l.member(m, here, b.Class, rest, left)
	case b.Assignment != nil && !b.Assignment.TypeAlias:
		if alias, ok := dottedValue(b.Assignment); ok {
			here.Owner = owner
			if o, ok := l.resolve(here, join(alias, rest), left-1); ok && (o.Outside || o.File != "" && o.Assignment == nil) {
				return o, true
			}
		}
	}
	return Origin{
		File: at.File, Module: m, Function: b.Function, Class: b.Class, Assignment: b.Assignment, Rest: rest,
		Only: len(m.Bindings(owner, first)) == 1,
	}, true
}

func join(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "." + b
}

// dottedValue gives an assignment's value, if it is a name.
func dottedValue(a *Assignment) (string, bool) {
	if a.Value.Absent() || strings.ContainsAny(a.Value.Text, "([{'\"") {
		return "", false
	}
	n, err := a.Value.Node()
	if err != nil {
		return "", false
	}
	return Dotted(n)
}

// starred looks for a name that nothing binds in what star imports bring.
func (l *Library) starred(m *Module, at Place, dotted string, left int) (Origin, bool) {
	out := Origin{Name: dotted}
	for _, i := range slices.Backward(m.Imports) {
		if i.Name != "*" || i.Scope != ModuleScope || i.Start >= at.Offset {
			continue
		}
		file := l.target(at, i)
		if file == "" {
			out.Stars = append(out.Stars, i.Module)
			continue
		}
		if strings.HasPrefix(dotted, "_") {
			continue
		}
		o, ok := l.resolve(Place{File: file, Script: at.Script, Offset: Anywhere}, dotted, left-1)
		if ok && (o.File != "" || o.Outside) {
			return o, true
		}
		out.Stars = append(out.Stars, o.Stars...)
	}
	return out, true
}

// target gives the file of the module that an import names, or "".
func (l *Library) target(at Place, i Import) string {
	i.Name = ""
	files := l.Files(at.File, at.Script, i)
	if len(files) == 0 {
		return ""
	}
	return files[len(files)-1]
}

// imported follows what an import binds, and the attributes behind that. `import a.b` binds a.
func (l *Library) imported(at Place, i Import, rest string, left int) (Origin, bool) {
	if i.Name == "" && i.As == "" {
		i.Module = headOf(i.Module)
	}
	for _, base := range l.bases(at.File, at.Script, i.Level, i.Module) {
		_, folder := l.along(base, i.Module)
		if folder == "" {
			continue
		}
		file := l.module(folder)
		if i.Name != "" && file == at.File { // a package that imports from itself means its submodule
			return l.attribute(at, path.Join(folder, i.Name), rest, left)
		}
		if o, ok := l.attribute(at, folder, join(i.Name, rest), left); o.found() || file != "" {
			return o, ok
		}
	}
	return Origin{Name: strings.Repeat(".", i.Level) + join(i.Module, join(i.Name, rest)), Outside: true}, true
}

// found tells whether the name leads anywhere. A folder without __init__.py that lacks the name is no package; one elsewhere may have it.
func (o Origin) found() bool { return o.File != "" || o.Outside || len(o.Stars) > 0 }

// attribute follows attributes of the module at a path without .py: a name that it binds, else a submodule.
func (l *Library) attribute(at Place, folder, rest string, left int) (Origin, bool) {
	file := l.module(folder)
	if rest == "" {
		if file == "" {
			return Origin{}, true // a folder without __init__.py
		}
		m, err := l.Module(file)
		return Origin{File: file, Module: m, Only: true}, err == nil
	}
	if file != "" {
		o, ok := l.resolve(Place{File: file, Script: at.Script, Offset: Anywhere}, rest, left-1)
		if !ok || o.found() {
			return o, ok
		}
	}
	first, more, _ := strings.Cut(rest, ".")
	if sub := path.Join(folder, first); l.module(sub) != "" {
		return l.attribute(at, sub, more, left-1)
	}
	return Origin{Name: rest}, true
}

// member follows attributes of a class.
func (l *Library) member(m *Module, at Place, c *Class, rest string, left int) (Origin, bool) {
	first, more, _ := strings.Cut(rest, ".")
	b, ok := m.Binding(c.QualifiedName, first, Anywhere)
	if !ok {
		return Origin{File: at.File, Module: m, Class: c, Rest: rest}, true
	}
	if b.Class != nil && more != "" {
		return l.member(m, at, b.Class, more, left-1)
	}
	return Origin{
		File: at.File, Module: m, Function: b.Function, Class: b.Class, Assignment: b.Assignment, Rest: more,
		Only: len(m.Bindings(c.QualifiedName, first)) == 1,
	}, true
}
