package schema

import (
	"slices"
	"strings"
)

// define joins the definitions of all parameters. Prefect gives two types of one name longer names, made from those of their modules, which
// are not known here: their parameters stay untyped.
func (s *signature) define(out *Schema, written map[string]*writer, reasons, told map[string]string, defaults map[string]bool) {
	owners := map[string]string{}
	var torn []string
	for _, w := range written {
		for name, owner := range w.classes {
			if other, taken := owners[name]; taken && other != owner {
				torn = append(torn, name)
			}
			owners[name] = owner
		}
	}
	for i, p := range s.fn.Parameters {
		w, ok := written[p.Name]
		if !ok {
			continue
		}
		if n := slices.IndexFunc(torn, func(name string) bool { _, used := w.classes[name]; return used }); n >= 0 {
			delete(defaults, p.Name)
			reasons[p.Name] = "two types are called " + torn[n]
			out.Properties[p.Name] = Property{"title": p.Name, "position": i}
			if text, ok := told[p.Name]; ok {
				out.Properties[p.Name]["description"] = text
			}
			continue
		}
		for name := range referred(out.Properties[p.Name], w.definitions) {
			if out.Definitions == nil {
				out.Definitions = map[string]Property{}
			}
			out.Definitions[name] = w.definitions[name]
		}
	}
}

// referred gives the names of the definitions that a schema needs.
func referred(p Property, definitions map[string]Property) map[string]bool {
	found := map[string]bool{}
	var visit func(v any)
	visit = func(v any) {
		switch x := v.(type) {
		case Property:
			for k, inner := range x {
				if name, ok := inner.(string); ok && k == "$ref" {
					if name = strings.TrimPrefix(name, "#/definitions/"); !found[name] {
						found[name] = true
						visit(definitions[name])
					}
				}
				visit(inner)
			}
		case map[string]any:
			for _, inner := range x {
				visit(inner)
			}
		case []Property:
			for _, inner := range x {
				visit(inner)
			}
		case []any:
			for _, inner := range x {
				visit(inner)
			}
		}
	}
	if len(definitions) > 0 {
		visit(p)
	}
	return found
}
