package schema

import (
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/flowmage/flowmage/tasks/python"
)

// record writes a model, dataclass, TypedDict or NamedTuple with its types.
func (w *writer) record(c *class, args []form) (described, error) {
	rec, err := w.reader.record(c)
	if err != nil {
		return described{}, err
	}
	name, title, variables, err := w.naming(c, args)
	if err != nil {
		return described{}, err
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
	rec.adorn(c, p, title, len(args) > 0)
	if c.block() {
		if err := w.reader.adornBlock(c, rec, p); err != nil {
			return described{}, err
		}
	}
	w.definitions[name] = p
	return described{schema: reference(name), core: "ref", named: true}, nil
}

// adorn writes what a class says of itself beside its fields. A generic one with types filled in has lost its docstring.
func (rec *record) adorn(c *class, p Property, title string, generic bool) {
	if c.kind == tupleClass {
		return
	}
	if p["title"] = title; rec.config.title != "" {
		p["title"] = rec.config.title
	}
	if doc := python.CleanDoc(c.definition.Doc); doc != "" && !generic {
		p["description"] = doc
	}
	if c.kind != modelClass {
		return
	}
	switch rec.config.extra {
	case "allow":
		p["additionalProperties"] = true
	case "forbid":
		p["additionalProperties"] = false
	}
	maps.Copy(p, rec.config.more)
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
	return copied(d.schema), nil
}

// fieldSchema writes a field's type with its constraints.
func (w *writer) fieldSchema(f modelField) (described, error) {
	w.at = scope{Place: f.at.Place}
	d, err := w.describeWith(f.form, f.info.discriminant)
	if err != nil {
		return described{}, err
	}
	for _, n := range f.info.notes {
		if d, err = noted(d, n); err != nil {
			return described{}, err
		}
	}
	return d, nil
}

func (w *writer) field(c *class, f modelField) (Property, error) {
	if f.info.inputless {
		return nil, unknownf("a field with init=False")
	}
	at := w.at
	d, err := w.fieldSchema(f)
	w.at = at
	if err != nil {
		return nil, err
	}
	p := copied(d.schema)
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
