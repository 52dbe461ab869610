package schema

import (
	"cmp"
	"slices"

	"github.com/flowmage/flowmage/tasks/python"
)

// config is what a model's settings mean for its schema.
type config struct {
	title     string
	extra     string // allow, forbid, ignore or ""
	arbitrary bool
	more      map[string]any // json_schema_extra
	minLength any
	maxLength any
	byName    bool
}

func (c config) text(p Property) {
	if c.minLength != nil {
		p["minLength"] = c.minLength
	}
	if c.maxLength != nil {
		p["maxLength"] = c.maxLength
	}
}

// set takes one setting over.
func (c *config) set(r *Reader, at python.Place, name string, n python.Node) error {
	switch name {
	case "populate_by_name", "validate_by_name":
		c.byName = true
		return nil
	case "frozen", "from_attributes", "validate_assignment", "protected_namespaces", "str_strip_whitespace", "str_to_lower", "str_to_upper",
		"coerce_numbers_to_str", "revalidate_instances", "hide_input_in_errors", "validate_default", "strict", "validate_return", "defer_build",
		"use_enum_values", "regex_engine", "allow_inf_nan", "orm_mode", "smart_union", "allow_mutation", "cache_strings", "extra_fields":
		return nil
	}
	v, err := r.value(at, n, 0)
	if err != nil {
		return unknownf("the setting %s: %s", name, err)
	}
	switch name {
	case "title", "extra":
		text, ok := v.json.(string)
		if !ok {
			return unknownf("the setting %s is no text", name)
		}
		if name == "title" {
			c.title = text
		} else {
			c.extra = text
		}
	case "arbitrary_types_allowed":
		c.arbitrary = v.json == true
	case "json_schema_extra":
		m, ok := v.json.(map[string]any)
		if !ok || v.opaque {
			return unknownf("the setting json_schema_extra is not read")
		}
		c.more = m
	case "str_min_length", "anystr_min_length":
		c.minLength = v.json
		if v.json == int64(0) {
			c.minLength = nil
		}
	case "str_max_length", "anystr_max_length":
		c.maxLength = v.json
	default:
		return unknownf("the setting %s is not read", name)
	}
	return nil
}

// take sets what another base's settings say.
func (c *config) take(o config) {
	c.title, c.extra = cmp.Or(o.title, c.title), cmp.Or(o.extra, c.extra)
	c.arbitrary, c.byName = c.arbitrary || o.arbitrary, c.byName || o.byName
	if o.more != nil {
		c.more = o.more
	}
	c.minLength, c.maxLength = cmp.Or(o.minLength, c.minLength), cmp.Or(o.maxLength, c.maxLength)
}

// configOf reads a model's settings: those of its base, of model_config, of an inner class Config and of keywords behind the bases.
func (r *Reader) configOf(c *class) (config, error) {
	var out config
	if c.block() {
		out.extra = "allow"
	}
	for _, b := range c.bases {
		if b.kind == ownClass && b.class.kind == modelClass {
			inherited, err := r.configOf(b.class)
			if err != nil {
				return out, err
			}
			out.take(inherited)
		}
	}
	outer, _ := c.module.Members(c.definition.QualifiedName)
	inner, _ := c.module.Members(c.definition.QualifiedName + ".Config")
	all := slices.SortedStableFunc(slices.Values(slices.Concat(outer, inner)), func(a, b *python.Assignment) int { return cmp.Compare(a.Start, b.Start) })
	for _, a := range all {
		if a.Owner == c.definition.QualifiedName && a.Target != "model_config" || a.Owner != c.definition.QualifiedName && a.Value.Absent() {
			continue
		}
		if err := r.stated(&out, c, a); err != nil {
			return out, unknownf("the settings of %s: %s", c.name, err)
		}
	}
	for name, n := range c.keywords {
		if name == "metaclass" || name[0] == '@' {
			continue
		}
		if err := out.set(r, c.place, name, n); err != nil {
			return out, err
		}
	}
	return out, nil
}

// stated takes over what an assignment says: all settings, or one.
func (r *Reader) stated(out *config, c *class, a *python.Assignment) error {
	n, err := a.Value.Node()
	if err != nil {
		return unknownf("it can't be read")
	}
	inside := python.Place{File: c.place.File, Script: c.place.Script, Owner: c.definition.QualifiedName, Offset: a.Start}
	if a.Owner == c.definition.QualifiedName {
		return r.settings(out, inside, n)
	}
	return out.set(r, inside, a.Target, n)
}

func (r *Reader) settings(c *config, at python.Place, n python.Node) error {
	switch x := n.(type) {
	case *python.Call:
		if name, _ := r.callee(at, x); len(x.Args) > 0 || name != "pydantic.ConfigDict" && name != "builtins.dict" {
			return unknownf("it is computed")
		}
		for _, k := range x.Keywords {
			if err := c.set(r, at, k.Name, k.Value); err != nil {
				return err
			}
		}
		return nil
	case *python.Dict:
		for i, k := range x.Keys {
			key, ok := k.(*python.Constant)
			if !ok {
				return unknownf("it is computed")
			}
			name, _ := key.Value.(string)
			if err := c.set(r, at, name, x.Values[i]); err != nil {
				return err
			}
		}
		return nil
	default:
		return unknownf("it is computed")
	}
}
