package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// construct gives what calling a class of the repository makes, where that is plain from its fields.
func (r *Reader) construct(at python.Place, c *class, call *python.Call, depth int) (value, error) {
	switch c.kind {
	case otherClass:
		return value{}, c.unknown
	case plainClass:
		for _, root := range c.roots {
			if root != "builtins.object" && root != "abc.ABC" && !strings.HasSuffix(root, "Error") && !strings.HasSuffix(root, "Exception") {
				return value{}, unknownf("%s(…) is computed", c.name)
			}
		}
		if len(c.bases) > 0 {
			return value{}, unknownf("%s(…) is computed", c.name)
		}
		return value{kind: "object", opaque: true}, nil
	case enumClass:
		return r.looked(at, c, call, depth)
	case modelClass, dataClass, dictClass, tupleClass:
		return r.filledRecord(at, c, call, depth)
	}
	return value{}, unknownf("%s(…) is computed", c.name)
}

// filledRecord gives a record with its fields, each as it is written.
func (r *Reader) filledRecord(at python.Place, c *class, call *python.Call, depth int) (value, error) {
	if err := c.quiet(); err != nil {
		return value{}, err
	}
	rec, err := r.record(c)
	if err != nil {
		return value{}, err
	}
	if len(c.variables) > 0 || slices.Contains(c.roots, "pydantic.RootModel") {
		return value{}, unknownf("%s(…) is computed", c.name)
	}
	given, err := rec.arguments(c, call)
	if err != nil {
		return value{}, err
	}
	m := map[string]any{}
	var list []any
	for _, f := range rec.fields {
		key := rec.keyword(f, given)
		n, has := given[key]
		delete(given, key)
		v, err := r.fieldValue(at, f, n, has, depth)
		if err != nil {
			return value{}, unknownf("%s(…): %s: %s", c.name, f.name, err)
		}
		if c.kind == dictClass && !has {
			continue
		}
		if v.opaque || f.info.excluded {
			return value{}, unknownf("%s(…): %s", c.name, f.name)
		}
		m[cmp.Or(f.info.serialized, f.name)] = v.json
		list = append(list, v.json)
	}
	if len(given) > 0 {
		return value{}, unknownf("%s(…) has no field of that name", c.name)
	}
	if c.block() {
		if m["block_type_slug"], err = r.slug(c); err != nil {
			return value{}, err
		}
	}
	out := value{kind: "record", class: c, json: m}
	if c.kind == tupleClass {
		out.json = list
	}
	return out, nil
}

// arguments gives a call's arguments by the names of fields.
func (rec *record) arguments(c *class, call *python.Call) (map[string]python.Node, error) {
	given := map[string]python.Node{}
	for i, a := range call.Args {
		if i >= len(rec.fields) || c.kind == modelClass || c.kind == dictClass {
			return nil, unknownf("%s(…) is computed", c.name)
		}
		given[rec.fields[i].name] = a
	}
	for _, k := range call.Keywords {
		given[k.Name] = k.Value
	}
	return given, nil
}

// keyword gives the name under which a field is given: its alias, or its name where the model allows that.
func (rec *record) keyword(f modelField, given map[string]python.Node) string {
	if f.info.alias == "" {
		return f.name
	}
	if _, ok := given[f.info.alias]; !ok && rec.config.byName {
		return f.name
	}
	return f.info.alias
}

// looked gives Color("red").
func (r *Reader) looked(at python.Place, c *class, call *python.Call, depth int) (value, error) {
	if len(call.Args) != 1 || len(call.Keywords) > 0 {
		return value{}, unknownf("%s(…) is computed", c.name)
	}
	v, err := r.value(at, call.Args[0], depth+1)
	if err != nil {
		return value{}, err
	}
	if _, err := r.enumMembers(c); err != nil {
		return value{}, err
	}
	if i, ok := c.valued[v.mark()]; ok {
		return c.memberValue(i), nil
	}
	return value{}, unknownf("%s(…) is computed", c.name)
}

// quiet tells whether a class does nothing with its values when it is made or written.
func (c *class) quiet() error {
	for _, f := range c.methods() {
		switch f.Name {
		case "__init__", "__post_init__", "model_post_init", "__post_init_post_parse__":
			return unknownf("%s has a method %s", c.name, f.Name)
		}
		for _, d := range f.Decorators {
			if strings.Contains(d.Text, "validator") || strings.Contains(d.Text, "serializer") || strings.Contains(d.Text, "computed_field") {
				return unknownf("%s has validators", c.name)
			}
		}
	}
	for _, b := range c.bases {
		if b.kind == ownClass {
			if err := b.class.quiet(); err != nil {
				return err
			}
		}
	}
	return nil
}

// fieldValue gives what a field of a new object holds, as it is written.
func (r *Reader) fieldValue(at python.Place, f modelField, n python.Node, has bool, depth int) (v value, err error) {
	if slices.ContainsFunc(f.info.notes, func(n note) bool { return n.plain || n.key == "" }) {
		return value{}, unknownf("it is validated")
	}
	switch {
	case has:
		v, err = r.value(at, n, depth+1)
		if err == nil && v.opaque && f.class.kind != modelClass && (f.class.kind != dataClass || !f.class.ours) {
			err = unknownf("its value is not plain")
		}
	case f.info.has:
		v, err = f.info.fallback, f.info.fallbackErr
	case f.info.made:
		if _, ok := python.Dotted(f.info.factory); !ok {
			return value{}, unknownf("it is computed")
		}
		v, err = r.calledValue(f.info.place, &python.Call{Func: f.info.factory}, depth+1)
	case f.optional:
		return value{}, nil
	default:
		return value{}, unknownf("it has no value")
	}
	if err == nil && !r.fits(f, f.form, v, 0) {
		err = unknownf("its value would be converted")
	}
	return v, err
}
