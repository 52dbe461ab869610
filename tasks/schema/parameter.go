package schema

import (
	"errors"
	"fmt"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// property gives one parameter's schema and whether it is required. The error says why it is untyped; then the schema has no more than a
// description.
func (s *signature) property(w *writer, p python.Parameter) (Property, bool, error) {
	given, err := s.given(p)
	required := !given.has && !given.made
	untyped := Property{}
	if given.description != nil {
		untyped["description"] = *given.description
	}
	if err != nil {
		return untyped, required, err
	}
	d, i, err := s.typed(w, p)
	if err != nil {
		if i.has || i.made {
			required = false
		}
		return untyped, required, fmt.Errorf("the type %s: %w", oneLine(p.Annotation.Text), err)
	}
	if i.made && given.has { // pydantic refuses both
		d, i = described{schema: Property{}}, info{}
	}
	property := copied(d.schema)
	if required && (i.has || i.made) { // what Annotated says
		given.has, given.made, given.fallback, given.fallbackErr, required = i.has, i.made, i.fallback, i.fallbackErr, false
	}
	if given.has {
		if given.fallbackErr != nil {
			err = fmt.Errorf("the default %s: %w", oneLine(p.Default.Text), given.fallbackErr)
			if n, wrong := p.Default.Whole(); wrong != nil || !s.reader.valued(s.at, n, 0) {
				return untyped, required, err
			}
			err = undefaulted{err}
		} else if !given.fallback.opaque {
			property["default"] = given.fallback.json
		}
	}
	delete(property, "title") // that of a Field inside gives way to the name
	i.title, i.description = nil, given.description
	i.merge(info{extra: given.extra})
	i.updates(property)
	if _, wished := i.extra["title"]; wished {
		property[ownTitle] = true
	}
	return property, required, err
}

func oneLine(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 80 {
		return text[:77] + "…"
	}
	return text
}

// given reads a parameter's default, which may be a Field. Of that only the value, the description and the extras count.
func (s *signature) given(p python.Parameter) (info, error) {
	i := info{place: s.at}
	if p.Default.Absent() {
		return i, nil
	}
	at := s.at
	n, err := p.Default.Node()
	if err != nil {
		return info{has: true}, unknownf("the default %s can't be read", oneLine(p.Default.Text))
	}
	if name, call := s.reader.callee(at, n); name == "pydantic.Field" {
		f, err := s.reader.field(at, call)
		if err != nil {
			return info{has: f.has}, fmt.Errorf("the default %s: %w", oneLine(p.Default.Text), err)
		}
		i.has, i.fallback, i.fallbackErr, i.description, i.extra = f.has, f.fallback, f.fallbackErr, f.description, f.extra
		if f.description != nil && *f.description == "" {
			i.description = nil
		}
		return i, nil
	}
	i.setDefault(s.reader, at, n)
	return i, nil
}

// typed gives a parameter's type, and what Annotated says of it.
func (s *signature) typed(w *writer, p python.Parameter) (described, info, error) {
	whatever := described{schema: Property{}}
	if p.Annotation.Absent() {
		return whatever, info{}, nil
	}
	f, err := s.form(p.Annotation, s.foreign && s.isText(p.Annotation))
	if _, missing := errors.AsType[*unbound](err); missing {
		if !s.isText(p.Annotation) {
			return described{}, info{}, err // such code does not even load
		}
		return whatever, info{}, nil
	}
	if err != nil {
		return described{}, info{}, err
	}
	f, i := opened(f)
	d, err := w.describeWith(f, i.discriminant)
	for _, n := range i.notes {
		if err == nil {
			d, err = noted(d, n)
		}
	}
	if _, no := errors.AsType[refused](err); no {
		w.definitions, w.classes = map[string]Property{}, map[string]string{}
		return whatever, info{}, nil
	}
	return d, i, err
}
