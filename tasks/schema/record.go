package schema

import (
	"slices"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/python"
)

// record is what a model, dataclass, TypedDict or NamedTuple consists of, as its class statement has it.
type record struct {
	fields []field
	config config
}

// field is one of its fields.
type field struct {
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
	for _, b := range c.bases {
		inherited, err := r.inherited(c, b)
		if err != nil {
			return nil, err
		}
		for _, f := range inherited {
			out.set(f)
		}
	}
	for _, a := range c.module.Assignments {
		if a.Scope != python.ClassScope || a.Owner != c.definition.QualifiedName {
			continue
		}
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
func (rec *record) set(f field) {
	for i, have := range rec.fields {
		if have.name == f.name {
			rec.fields[i] = f
			return
		}
	}
	rec.fields = append(rec.fields, f)
}

// inherited gives the fields of a base, with the base's type parameters filled in.
func (r *Reader) inherited(c *class, b form) ([]field, error) {
	if b.kind == external { // RootModel[…]
		return []field{{name: "root", form: b.args[0], info: info{extra: map[string]any{}}, at: scope{Place: c.place}, class: c}}, nil
	}
	if b.class.kind == plainClass {
		return nil, nil
	}
	rec, err := r.record(b.class)
	if err != nil || len(b.args) == 0 {
		if err == nil && len(b.class.variables) > 0 {
			return rec.fields, nil
		}
		if err != nil {
			return nil, err
		}
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

// substituted puts types in the place of type parameters.
func substituted(f form, given map[string]form) form {
	if f.kind == parameter {
		if g, ok := given[f.variable.name]; ok {
			return g
		}
		return f
	}
	if len(f.args) == 0 {
		return f
	}
	args := make([]form, len(f.args))
	for i, a := range f.args {
		args[i] = substituted(a, given)
	}
	f.args = args
	if f.kind == union {
		return joined(args)
	}
	return f
}

func variablesOf(f form) []variable {
	if f.kind == parameter {
		return []variable{*f.variable}
	}
	var out []variable
	for _, a := range f.args {
		out = append(out, variablesOf(a)...)
	}
	return out
}

// ownField reads one assignment of a class body; use is false for what is no field.
func (r *Reader) ownField(c *class, a python.Assignment) (f field, use bool, err error) {
	f = field{name: a.Target, class: c, at: scope{Place: python.Place{File: c.place.File, Script: c.place.Script, Owner: c.definition.QualifiedName, Offset: python.Anywhere}}}
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
		if len(c.module.Imports) == 0 || !future(c.module) {
			at.Offset = a.Start
		}
		f.form, err = r.fieldType(c, at, n)
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

// fieldType evaluates a field's annotation. A class may name itself, and what comes later, once all annotations are texts.
func (r *Reader) fieldType(_ *class, at scope, n python.Node) (form, error) {
	return r.typing(at, n, 0)
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
func unwrapped(c *class, f field) (field, error) {
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
func (r *Reader) fallback(c *class, f *field, a python.Assignment) error {
	if a.Value.Absent() {
		return nil
	}
	at := python.Place{File: c.place.File, Script: c.place.Script, Owner: c.definition.QualifiedName, Offset: a.Start}
	n, err := a.Value.Node()
	if err != nil {
		return unknownf("its default can't be read")
	}
	if call, ok := n.(*python.Call); ok {
		if dotted, ok := python.Dotted(call.Func); ok {
			o, err := r.resolve(scope{Place: at}, dotted)
			if err != nil {
				return err
			}
			switch o.name {
			case "pydantic.Field":
				i, err := r.field(at, call)
				if err != nil {
					return err
				}
				notes := append(i.notes, f.info.notes...)
				f.info.merge(i)
				f.info.notes = notes
				return nil
			case "dataclasses.field":
				return r.dataField(c, f, at, call)
			case "pydantic.PrivateAttr":
				return unknownf("it is private")
			}
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

func (r *Reader) dataField(c *class, f *field, at python.Place, call *python.Call) error {
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

// record writes a model, dataclass, TypedDict or NamedTuple with its types.
func (w *writer) record(c *class, args []form) (described, error) {
	rec, err := w.reader.record(c)
	if err != nil {
		return described{}, err
	}
	name, title := c.name, c.name
	variables := map[string]form{}
	if len(args) > 0 {
		for i := range args {
			args[i] = substituted(args[i], w.variables)
			if len(variablesOf(args[i])) > 0 {
				return described{}, unknownf("%s with open types", c.name)
			}
		}
		if variables, err = filled(c, args); err != nil {
			return described{}, err
		}
		shown, err := display(args)
		if err != nil {
			return described{}, err
		}
		title = c.name + "[" + strings.Join(shown, ", ") + "]"
		name = normalized(c.name + "[" + strings.Join(shown, ",") + "]")
	}
	id := c.key.file + ":" + c.key.name + strings.TrimPrefix(title, c.name)
	if other, taken := w.classes[name]; taken {
		if other != id {
			return described{}, unknownf("two types are called %s", name)
		}
		if n := slices.Index(w.open, name); n >= 0 {
			for _, inside := range w.open[n:] {
				w.recursive[inside] = true
			}
		}
		return described{schema: reference(name), core: "ref", named: true}, nil
	}
	if c.kind != modelClass && (w.config.minLength != nil || w.config.maxLength != nil) {
		return described{}, unknownf("%s inside of a model with settings for texts", c.name)
	}
	w.classes[name] = id
	inner := *w
	inner.variables, inner.depth, inner.open = variables, w.depth, append(slices.Clone(w.open), name)
	if c.kind == modelClass {
		inner.config, inner.arbitrary = rec.config, rec.config.arbitrary
	}
	if c.kind == dictClass || c.kind == tupleClass {
		inner.arbitrary = false
	}
	p, err := inner.body(c, rec)
	if err != nil {
		return described{}, err
	}
	switch {
	case c.kind == tupleClass:
	case rec.config.title != "":
		p["title"] = rec.config.title
	default:
		p["title"] = title
	}
	if doc := c.doc(); doc != "" && c.kind != tupleClass && len(args) == 0 { // a generic one with types filled in has none
		p["description"] = doc
	}
	if c.kind == modelClass {
		switch rec.config.extra {
		case "allow":
			p["additionalProperties"] = true
		case "forbid":
			p["additionalProperties"] = false
		}
		for k, v := range rec.config.more {
			p[k] = v
		}
	}
	w.definitions[name] = p
	return described{schema: reference(name), core: "ref", named: true}, nil
}

// body writes the fields.
func (w *writer) body(c *class, rec *record) (Property, error) {
	if c.kind == modelClass && slices.Contains(c.roots, "pydantic.RootModel") {
		return w.root(rec)
	}
	properties := map[string]any{}
	var prefix []Property
	var required []string
	for _, f := range rec.fields {
		p, err := w.field(c, f)
		if err != nil {
			if _, no := err.(refused); no { //nolint:errorlint // it is never wrapped
				return nil, refused{inside: true}
			}
			return nil, unknownf("%s.%s: %s", c.name, f.name, err)
		}
		key := f.name
		if f.info.alias != "" && c.kind != tupleClass {
			key = f.info.alias
		}
		properties[key] = p
		prefix = append(prefix, p)
		open := !f.info.has && !f.info.made
		if c.kind == dictClass {
			if !open {
				return nil, unknownf("%s.%s has a default", c.name, f.name)
			}
			open = !f.optional
		}
		if open {
			required = append(required, key)
		}
	}
	if c.kind == tupleClass {
		p := Property{"type": "array", "maxItems": len(prefix)}
		if len(prefix) > 0 {
			p["prefixItems"] = prefix
		}
		if len(required) > 0 {
			p["minItems"] = len(required)
		}
		return p, nil
	}
	p := Property{"type": object, "properties": properties}
	if len(required) > 0 {
		p["required"] = required
	}
	return p, nil
}

func (w *writer) root(rec *record) (Property, error) {
	f := rec.fields[0]
	if f.info.has || f.info.made || f.info.title != nil || f.info.description != nil || len(f.info.extra) > 0 || f.info.examples != nil {
		return nil, unknownf("a root with settings")
	}
	d, err := w.fieldSchema(f)
	if err != nil {
		return nil, err
	}
	if _, ref := d.schema["$ref"]; ref {
		return nil, unknownf("a root that is another type")
	}
	return d.schema.copied(), nil
}

// fieldSchema writes a field's type with its constraints.
func (w *writer) fieldSchema(f field) (described, error) {
	w.at = scope{Place: f.at.Place}
	d, err := w.describeWith(f.form, f.info.discriminant)
	if err != nil {
		return described{}, err
	}
	for _, n := range f.info.notes {
		if d, err = w.noted(d, n); err != nil {
			return described{}, err
		}
	}
	return d, nil
}

func (w *writer) field(c *class, f field) (Property, error) {
	if f.info.inputless {
		return nil, unknownf("a field with init=False")
	}
	at := w.at
	d, err := w.fieldSchema(f)
	w.at = at
	if err != nil {
		return nil, err
	}
	p := d.schema.copied()
	if f.info.has {
		if f.info.fallbackErr != nil {
			return nil, unknownf("its default: %s", f.info.fallbackErr)
		}
		if !f.info.fallback.opaque {
			p["default"] = f.info.fallback.json
		}
	}
	f.info.updates(p)
	if _, has := p["title"]; !has && !d.named {
		name := f.name
		if f.info.alias != "" && c.kind != tupleClass {
			name = f.info.alias
		}
		p["title"] = titleOf(name)
	}
	if c.kind != tupleClass {
		w.redundant(p)
	}
	return p, nil
}

// redundant drops what stands beside a reference and says the same as what it refers to.
func (w *writer) redundant(p Property) {
	ref, ok := p["$ref"].(string)
	if !ok {
		return
	}
	target := w.definitions[strings.TrimPrefix(ref, "#/definitions/")]
	for k, v := range p {
		if other, has := target[k]; has && k != "$ref" && fingerprint(Property{"v": v}) == fingerprint(Property{"v": other}) {
			delete(p, k)
		}
	}
}

// titleOf gives the title that pydantic makes of a field's name.
func titleOf(name string) string {
	var b strings.Builder
	inside := false
	for _, c := range name {
		switch {
		case !unicode.IsLetter(c):
			b.WriteRune(c)
			inside = false
		case inside:
			b.WriteRune(unicode.ToLower(c))
		default:
			b.WriteRune(unicode.ToTitle(c))
			inside = true
		}
	}
	return strings.TrimSpace(strings.ReplaceAll(b.String(), "_", " "))
}

// display names types as pydantic does in the title of a generic model.
func display(args []form) ([]string, error) {
	out := make([]string, 0, len(args))
	for _, a := range args {
		text, err := displayed(a)
		if err != nil {
			return nil, err
		}
		out = append(out, text)
	}
	return out, nil
}

func displayed(f form) (string, error) {
	inner, err := display(f.args)
	if err != nil {
		return "", err
	}
	switch {
	case f.kind == nothing:
		return "NoneType", nil
	case f.kind == external && (strings.HasPrefix(f.name, "builtins.") || f.name == "typing.Any" || strings.HasPrefix(f.name, "datetime.") || f.name == "uuid.UUID"):
		_, last, _ := cutLast(f.name, ".")
		if f.subscripted {
			if len(inner) == 0 || slices.Contains(inner, "...") {
				return "", unknownf("a generic type of that type")
			}
			return last + "[" + strings.Join(inner, ", ") + "]", nil
		}
		return last, nil
	case f.kind == own && !f.subscripted:
		return f.class.name, nil
	case f.kind == union:
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
