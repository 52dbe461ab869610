package schema

import (
	"slices"
	"strings"
)

// fits tells whether a value is of a type as it is, so that pydantic keeps and writes it unchanged.
func (r *Reader) fits(f modelField, t form, v value, depth int) bool {
	if depth > deepest || v.opaque {
		return false
	}
	switch t.kind {
	case nothing:
		return v.kind == "NoneType"
	case union:
		return slices.ContainsFunc(t.args, func(m form) bool { return r.fits(f, m, v, depth+1) })
	case literal:
		return slices.ContainsFunc(t.values, func(have value) bool { return have.kind == v.kind && have.text() == v.text() && have.kind != "enum" })
	case annotated:
		validated := slices.ContainsFunc(t.notes, func(n note) bool { return n.plain || n.key == "" && n.info == nil })
		return !validated && r.fits(f, t.args[0], v, depth+1)
	case ownClass:
		return v.class == t.class && !t.subscripted && (v.kind == "enum" || v.kind == "record" && t.class.kind != dictClass)
	case forward:
		inner, err := r.quoted(scope{Place: f.at.Place}, t.name, depth)
		return err == nil && r.fits(f, inner, v, depth+1)
	case external:
		return r.fitsExternal(f, t, v, depth)
	default:
		return false
	}
}

func (r *Reader) fitsExternal(f modelField, t form, v value, depth int) bool {
	switch t.name {
	case "builtins.str", "builtins.int", "builtins.float", "builtins.bool", "builtins.bytes":
		return "builtins."+v.kind == t.name || t.name == "builtins.float" && v.kind == "int"
	case "typing.Any", "builtins.object":
		return v.kind != "set" && v.kind != "frozenset"
	case "datetime.datetime", "datetime.date", "datetime.time", "datetime.timedelta", "pathlib.Path", "decimal.Decimal", "uuid.UUID", "pydantic.SecretStr":
		return v.kind == t.name
	case "builtins.list", "builtins.set", "builtins.frozenset", "builtins.tuple":
		return v.kind == strings.TrimPrefix(t.name, "builtins.") && r.fitsItems(f, t, v, depth)
	case "builtins.dict":
		return v.kind == "dict" && r.fitsEntries(f, t, v, depth)
	default:
		return false
	}
}

// fitsItems looks at the items of a list, tuple or set. Of more than one in a set the order is not known.
func (r *Reader) fitsItems(f modelField, t form, v value, depth int) bool {
	each := t.name == "builtins.tuple" && t.subscripted && (len(t.args) != 2 || t.args[1].kind != ellipsis)
	if each && len(t.args) != len(v.items) || (v.kind == "set" || v.kind == "frozenset") && len(v.items) > 1 {
		return false
	}
	for i, item := range v.items {
		of := firstOf(t.args)
		if each {
			of = t.args[i]
		}
		if !r.fits(f, of, item, depth+1) {
			return false
		}
	}
	return true
}

func (r *Reader) fitsEntries(f modelField, t form, v value, depth int) bool {
	for i := range v.items {
		if len(t.args) == 2 && (!r.fits(f, t.args[0], v.keys[i], depth+1) || !r.fits(f, t.args[1], v.items[i], depth+1)) {
			return false
		}
	}
	return true
}
