package schema

import (
	"slices"
	"strings"
)

func fitsPlain(v value) bool { return !v.opaque }

// fits tells whether a value is of a type as it is, so that pydantic keeps and writes it unchanged.
func (r *Reader) fits(f field, t form, v value, depth int) error {
	wrong := unknownf("its value would be converted")
	if depth > deepest || v.opaque {
		return wrong
	}
	switch t.kind {
	case nothing:
		if v.kind == "NoneType" {
			return nil
		}
	case union:
		if slices.ContainsFunc(t.args, func(m form) bool { return r.fits(f, m, v, depth+1) == nil }) {
			return nil
		}
	case literal:
		if slices.ContainsFunc(t.values, func(have value) bool { return have.kind == v.kind && have.text() == v.text() && have.kind != "enum" }) {
			return nil
		}
	case annotated:
		if slices.ContainsFunc(t.notes, func(n note) bool { return n.plain || n.key == "" && n.info == nil }) {
			return wrong
		}
		return r.fits(f, t.args[0], v, depth+1)
	case own:
		if v.class == t.class && !t.subscripted && (v.kind == "enum" || v.kind == "record" && t.class.kind != dictClass) {
			return nil
		}
	case forward:
		inner, err := r.quoted(scope{Place: f.at.Place}, t.name, depth)
		if err != nil {
			return wrong
		}
		return r.fits(f, inner, v, depth+1)
	case external:
		return r.fitsExternal(f, t, v, depth)
	default:
	}
	return wrong
}

func (r *Reader) fitsExternal(f field, t form, v value, depth int) error {
	wrong := unknownf("its value would be converted")
	switch t.name {
	case "builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.bytes":
		if "builtins."+v.kind == t.name || t.name == "builtins.float" && v.kind == "int" {
			return nil
		}
	case "typing.Any", "builtins.object":
		if v.kind != "set" && v.kind != "frozenset" {
			return nil
		}
	case "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "pathlib.Path", "decimal.Decimal", "uuid.UUID", "pydantic.SecretStr":
		if v.kind == t.name {
			return nil
		}
	case "builtins.list", "builtins.set", "builtins.frozenset", "builtins.tuple":
		if v.kind == strings.TrimPrefix(t.name, "builtins.") {
			return r.fitsItems(f, t, v, depth)
		}
	case "builtins.dict":
		if v.kind == "dict" {
			return r.fitsEntries(f, t, v, depth)
		}
	}
	return wrong
}

// fitsItems looks at the items of a list, tuple or set. Of more than one in a set the order is not known.
func (r *Reader) fitsItems(f field, t form, v value, depth int) error {
	each := t.name == "builtins.tuple" && t.subscripted && (len(t.args) != 2 || t.args[1].kind != ellipsis)
	if each && len(t.args) != len(v.items) || (v.kind == "set" || v.kind == "frozenset") && len(v.items) > 1 {
		return unknownf("its value would be converted")
	}
	for i, item := range v.items {
		of := firstOf(t.args)[0]
		if each {
			of = t.args[i]
		}
		if err := r.fits(f, of, item, depth+1); err != nil {
			return err
		}
	}
	return nil
}

func (r *Reader) fitsEntries(f field, t form, v value, depth int) error {
	if len(t.args) != 2 {
		return nil
	}
	for i := range v.items {
		if r.fits(f, t.args[0], v.keys[i], depth+1) != nil || r.fits(f, t.args[1], v.items[i], depth+1) != nil {
			return unknownf("its value would be converted")
		}
	}
	return nil
}
