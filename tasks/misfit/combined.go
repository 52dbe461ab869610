package misfit

import (
	"slices"

	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// The keywords for mappings.

func (j *judge) required(a at, says any) []Misfit {
	m, is := a.value.(map[string]any)
	missing := j.missing(m, says)
	if !is || len(missing) == 0 {
		return nil
	}
	return a.wrong(&kind.Required{Missing: missing})
}

// missing gives the names that a mapping lacks.
func (j *judge) missing(m map[string]any, says any) (names []string) {
	for _, n := range j.list("required", says) {
		name, is := n.(string)
		if !is {
			j.giveUp("required", says)
		}
		if _, there := m[name]; !there {
			names = append(names, name)
		}
	}
	return names
}

func (j *judge) properties(a at, says any) (found []Misfit) {
	m, _ := a.value.(map[string]any)
	schemas := j.mapping("properties", says)
	for _, name := range sorted(m) {
		if schema, there := schemas[name]; there {
			found = append(found, j.member(schema, m[name], a.path, name)...)
		}
	}
	return found
}

func (j *judge) patternProperties(a at, says any) (found []Misfit) {
	m, _ := a.value.(map[string]any)
	schemas := j.mapping("patternProperties", says)
	for _, pattern := range sorted(schemas) {
		expression := j.expression(pattern)
		for _, name := range sorted(m) {
			if expression != nil && expression.MatchString(name) {
				found = append(found, j.member(schemas[pattern], m[name], a.path, name)...)
			}
		}
	}
	return found
}

func (j *judge) additionalProperties(a at, says any) (found []Misfit) {
	m, _ := a.value.(map[string]any)
	var refused []string
	for _, name := range sorted(m) {
		switch {
		case j.named(a.schema, name):
		case says == false:
			refused = append(refused, name)
		default:
			found = append(found, j.member(says, m[name], a.path, name)...)
		}
	}
	if len(refused) > 0 {
		return a.wrong(&kind.AdditionalProperties{Properties: refused})
	}
	return found
}

// named tells whether a schema says something of a member by its name.
func (j *judge) named(schema map[string]any, name string) bool {
	properties, _ := schema["properties"].(map[string]any)
	if _, there := properties[name]; there {
		return true
	}
	patterns, _ := schema["patternProperties"].(map[string]any)
	return slices.ContainsFunc(sorted(patterns), func(p string) bool {
		expression := j.expression(p)
		return expression != nil && expression.MatchString(name)
	})
}

func (j *judge) propertyNames(a at, says any) (found []Misfit) {
	m, _ := a.value.(map[string]any)
	for _, name := range sorted(m) {
		found = append(found, j.value(says, name, nil)...)
	}
	return found
}

func (j *judge) dependentSchemas(a at, says any) (found []Misfit) {
	m, _ := a.value.(map[string]any)
	schemas := j.mapping("dependentSchemas", says)
	for _, name := range sorted(schemas) {
		if _, there := m[name]; there {
			found = append(found, j.value(schemas[name], a.value, a.path)...)
		}
	}
	return found
}

func (j *judge) dependentRequired(a at, says any) (found []Misfit) {
	m, _ := a.value.(map[string]any)
	names := j.mapping("dependentRequired", says)
	for _, name := range sorted(names) {
		if _, there := m[name]; !there {
			continue
		}
		if missing := j.missing(m, names[name]); len(missing) > 0 {
			found = append(found, a.wrong(&kind.DependentRequired{Prop: name, Missing: missing})...)
		}
	}
	return found
}

// The keywords that put schemas together.

func (j *judge) not(a at, says any) []Misfit {
	if len(j.value(says, a.value, a.path)) > 0 {
		return nil
	}
	return a.wrong(&kind.Not{})
}

func (j *judge) allOf(a at, says any) (found []Misfit) {
	for _, schema := range j.list("allOf", says) {
		found = append(found, j.value(schema, a.value, a.path)...)
	}
	return found
}

func (j *judge) anyOf(a at, says any) (found []Misfit) {
	for _, schema := range j.list("anyOf", says) {
		wrong := j.value(schema, a.value, a.path)
		if len(wrong) == 0 {
			return nil
		}
		found = append(found, wrong...)
	}
	return found
}

func (j *judge) oneOf(a at, says any) (found []Misfit) {
	var fit []int
	for i, schema := range j.list("oneOf", says) {
		wrong := j.value(schema, a.value, a.path)
		found = append(found, wrong...)
		if len(wrong) == 0 {
			fit = append(fit, i)
		}
	}
	switch len(fit) {
	case 0:
		return found
	case 1:
		return nil
	default:
		return a.wrong(&kind.OneOf{Subschemas: fit[:2]})
	}
}

func (j *judge) condition(a at, says any) []Misfit {
	branch := "then"
	if len(j.value(says, a.value, a.path)) > 0 {
		branch = "else"
	}
	if schema, there := a.schema[branch]; there {
		return j.value(schema, a.value, a.path)
	}
	return nil
}
