package flow

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// alias is a name for the decorator that has no "flow" in it, and the last part of the module's name that other files import it from.
type alias struct{ name, module string }

// usedIn tells whether a text has both words.
func (a alias) usedIn(text []byte) bool {
	return bytes.Contains(text, []byte(a.name)) && bytes.Contains(text, []byte(a.module))
}

// know finds what else the decorator is called in the modules.
func (r *reading) know() {
	r.modules(func(i int) {
		if f := r.files[i]; !f.known {
			rec := r.recognizer(f)
			f.hidden, f.known = rec.hidden(), true
		}
	})
}

// aliases gives the names in a module that mean Prefect's decorator, or that make one, and that the search for the word flow can't see.
func aliases(f *parsed) []alias {
	module := strings.TrimSuffix(path.Base(f.name), ".py")
	if module == "__init__" {
		module = path.Base(path.Dir(f.name))
	}
	out := make([]alias, 0, len(f.hidden))
	for _, name := range f.hidden {
		out = append(out, alias{name, module})
	}
	return out
}

// hidden gives the names without the word flow that mean the decorator in a module, or that make one.
func (r *recognizer) hidden() []string {
	var out []string
	consider := func(name string) {
		if !mayHoldFlows([]byte(name)) && r.meaning(name, "", python.Anywhere).kind != otherDecorator {
			out = append(out, name)
		}
	}
	for _, i := range r.module.Imports {
		if i.Scope == python.ModuleScope && i.Name != "" && i.Name != "*" {
			consider(i.Bound())
		}
	}
	out = append(out, r.makersHere()...)
	for _, a := range r.module.Assignments {
		if a.Scope == python.ModuleScope && (mentions(r.module, a.Value.Text) || slices.Contains(out, calledIn(a.Value.Text))) {
			consider(a.Target)
		}
	}
	return out
}

// makersHere gives the functions and classes of the module without the word flow that may make flows.
func (r *recognizer) makersHere() []string {
	var out []string
	for i := range r.module.Functions {
		fn := &r.module.Functions[i]
		if fn.Scope == python.ModuleScope && !mayHoldFlows([]byte(fn.Name)) && r.makesFlows(r.file, r.module, fn, deepest) {
			out = append(out, fn.Name)
		}
	}
	for i := range r.module.Classes {
		c := &r.module.Classes[i]
		if c.Scope == python.ModuleScope && !mayHoldFlows([]byte(c.Name)) && r.classMakesFlows(r.file, r.module, c, deepest) {
			out = append(out, c.Name)
		}
	}
	return out
}

// calledIn gives the name that a text calls, up to its first dot.
func calledIn(text string) string {
	head, _, _ := strings.Cut(text, "(")
	head, _, _ = strings.Cut(head, ".")
	return strings.TrimSpace(head)
}
