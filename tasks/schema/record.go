package schema

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// record is what a model, dataclass, TypedDict or NamedTuple consists of, as its class statement has it.
type record struct {
	fields []modelField
	places map[string]int // of fields, by name
	config config
}

// modelField is one of its fields.
type modelField struct {
	name     string
	form     form
	info     info
	optional bool  // of a TypedDict: the key need not be there
	at       scope // for names in quotes
	class    *class
}

// record reads the fields of a class, those of its bases first.
func (r *Reader) record(c *class) (*record, error) {
	if c.record == nil && c.recordErr == nil {
		c.recordErr = unknownf("%s is made from itself", c.name)
		rec, err := r.readRecord(c)
		c.record, c.recordErr = rec, err
	}
	return c.record, c.recordErr
}

func (r *Reader) readRecord(c *class) (*record, error) {
	out := &record{}
	var err error
	if c.kind == modelClass {
		if out.config, err = r.configOf(c); err != nil {
			return nil, err
		}
	}
	for _, b := range slices.Backward(c.bases) { // what a base on the left says counts, in the place that one on the right has given it
		inherited, err := r.inherited(c, b)
		if err != nil {
			return nil, err
		}
		for _, f := range inherited {
			out.set(f)
		}
	}
	for _, a := range c.assignments() {
		f, use, err := r.ownField(c, a)
		if err != nil {
			return nil, unknownf("%s.%s: %s", c.name, a.Target, err)
		}
		if use {
			out.set(f)
		}
	}
	if c.kind == modelClass && slices.Contains(c.roots, "pydantic.RootModel") && (len(out.fields) != 1 || out.fields[0].name != "root") {
		return nil, unknownf("%s has no root", c.name)
	}
	return out, nil
}

// set adds a field, in the place of one with the same name.
func (rec *record) set(f modelField) {
	if i, there := rec.places[f.name]; there {
		rec.fields[i] = f
		return
	}
	if rec.places == nil {
		rec.places = map[string]int{}
	}
	rec.places[f.name] = len(rec.fields)
	rec.fields = append(rec.fields, f)
}

// inherited gives the fields of a base, with the base's type parameters filled in.
func (r *Reader) inherited(c *class, b form) ([]modelField, error) {
	if b.kind == external { // RootModel[…]
		return []modelField{{name: "root", form: b.args[0], at: scope{Place: c.place}, class: c}}, nil
	}
	if b.class.kind == plainClass {
		return nil, nil
	}
	rec, err := r.record(b.class)
	if err != nil {
		return nil, err
	}
	if len(b.args) == 0 {
		return rec.fields, nil
	}
	given, err := filled(b.class, b.args)
	if err != nil {
		return nil, err
	}
	out := slices.Clone(rec.fields)
	for i := range out {
		out[i].form = substituted(out[i].form, given)
	}
	for _, a := range b.args {
		for _, v := range variablesOf(a) {
			if !slices.ContainsFunc(c.variables, func(x variable) bool { return x.name == v.name }) {
				c.variables = append(c.variables, v)
			}
		}
	}
	return out, nil
}

// ownField reads one assignment of a class body; use is false for what is no field.
func (r *Reader) ownField(c *class, a *python.Assignment) (f modelField, use bool, err error) {
	f = modelField{name: a.Target, class: c, at: scope{Place: python.Place{File: c.place.File, Script: c.place.Script, Owner: c.definition.QualifiedName, Offset: python.Anywhere}}}
	switch {
	case a.Guard != python.Always:
		return f, false, unknownf("it depends on a condition")
	case a.Target == "model_config" && c.kind == modelClass, strings.HasPrefix(a.Target, "_") && c.kind == modelClass, a.Target == "__slots__", a.Target == "__hash__":
		return f, false, nil
	case a.Annotation.Absent() && (c.kind == dataClass || c.kind == tupleClass):
		if c.kind == dataClass && slices.ContainsFunc(c.module.Assignments, func(b python.Assignment) bool {
			return b.Owner == a.Owner && b.Scope == a.Scope && b.Target == a.Target && !b.Annotation.Absent()
		}) {
			return f, false, unknownf("it is set twice")
		}
		return f, false, nil
	case a.Annotation.Absent():
		return f, false, unknownf("it has no type")
	}
	n, err := a.Annotation.Node()
	if err != nil {
		return f, false, unknownf("it can't be read")
	}
	at := scope{Place: f.at.Place}
	if text, ok := quotedText(n); ok {
		f.form, err = r.quoted(at, text, 0)
	} else {
		if !future(c.module) { // else a class may name itself, and what comes later
			at.Offset = a.Start
		}
		f.form, err = r.typing(at, n, 0)
	}
	if err != nil {
		return f, false, err
	}
	if f.form.kind == external && f.form.name == "typing.ClassVar" {
		return f, false, nil
	}
	if f, err = unwrapped(c, f); err != nil {
		return f, false, err
	}
	f.form, f.info = opened(f.form)
	f.info.place = f.at.Place
	return f, true, r.fallback(c, &f, a)
}

func quotedText(n python.Node) (string, bool) {
	c, ok := n.(*python.Constant)
	if !ok {
		return "", false
	}
	text, ok := c.Value.(string)
	return text, ok
}

// future tells whether the module keeps annotations as texts.
func future(m *python.Module) bool {
	return slices.ContainsFunc(m.Imports, func(i python.Import) bool { return i.Module == "__future__" && i.Name == "annotations" })
}

// unwrapped takes Required, NotRequired and InitVar off.
func unwrapped(c *class, f modelField) (modelField, error) {
	f.optional = !c.total
	if c.kind == dictClass {
		if total, ok := c.keywords["total"].(*python.Constant); ok {
			f.optional = total.Value == false
		}
	}
	if f.form.kind != external {
		return f, nil
	}
	switch f.form.name {
	case "typing.Required", "typing.NotRequired":
		if c.kind != dictClass || len(f.form.args) != 1 {
			return f, unknownf("the type is not read from source")
		}
		f.optional = f.form.name == "typing.NotRequired"
		f.form = f.form.args[0]
	case "dataclasses.InitVar":
		if len(f.form.args) != 1 {
			return f, unknownf("the type is not read from source")
		}
		return f, unknownf("InitVar is not read")
	case "dataclasses.KW_ONLY":
		return f, unknownf("KW_ONLY is not read")
	}
	return f, nil
}

// fallback reads a field's default.
func (r *Reader) fallback(c *class, f *modelField, a *python.Assignment) error {
	if a.Value.Absent() {
		return nil
	}
	at := python.Place{File: c.place.File, Script: c.place.Script, Owner: c.definition.QualifiedName, Offset: a.Start}
	n, err := a.Value.Node()
	if err != nil {
		return unknownf("its default can't be read")
	}
	if name, call := r.callee(at, n); call != nil {
		switch name {
		case "pydantic.Field":
			i, err := r.field(at, call)
			if err != nil {
				return err
			}
			notes := slices.Concat(i.notes, f.info.notes)
			f.info.merge(i)
			f.info.notes = notes
			return nil
		case "dataclasses.field":
			return r.dataField(c, f, at, call)
		case "pydantic.PrivateAttr":
			return unknownf("it is private")
		}
	}
	if _, open := n.(*python.Ellipsis); open && c.kind == modelClass {
		return nil
	}
	i := info{place: at}
	i.setDefault(r, at, n)
	f.info.merge(i)
	return nil
}

// callee gives a call, and the full name of what it calls, if that is outside of the repository.
func (r *Reader) callee(at python.Place, n python.Node) (string, *python.Call) {
	call, ok := n.(*python.Call)
	if !ok {
		return "", nil
	}
	o, _, err := r.follow(scope{Place: at}, call.Func, "")
	if err != nil {
		return "", nil
	}
	return o.name, call
}

func (r *Reader) dataField(c *class, f *modelField, at python.Place, call *python.Call) error {
	if c.kind != dataClass || len(call.Args) > 0 {
		return unknownf("field() is not read here")
	}
	i := info{place: at}
	for _, k := range call.Keywords {
		switch k.Name {
		case "default":
			i.setDefault(r, at, k.Value)
		case "default_factory":
			i.made, i.factory = true, k.Value
		case "repr", "hash", "compare", "kw_only", "metadata":
			if k.Name == "metadata" && !plainMetadata(k.Value) {
				return unknownf("field()'s metadata is not read")
			}
		case "init":
			i.inputless, i.excluded = true, true
		default:
			return unknownf("field()'s %s is not read", k.Name)
		}
	}
	f.info.merge(i)
	return nil
}

// plainMetadata tells whether a dataclass field's metadata says nothing to pydantic.
func plainMetadata(n python.Node) bool {
	d, ok := n.(*python.Dict)
	return ok && !slices.ContainsFunc(d.Keys, func(k python.Node) bool {
		c, ok := k.(*python.Constant)
		return !ok || c.Value == "title" || c.Value == "description" || c.Value == "alias" || c.Value == "examples"
	})
}
