package schema

import (
	"cmp"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/python"
)

// resolver knows what names mean in one module.
type resolver struct{ module *python.Module }

// annotation gives the JSON Schema of a type annotation; known is false when any part of it is not understood.
func (r resolver) annotation(e python.Expr) (Property, bool) {
	node, err := e.Node()
	if err != nil {
		return nil, false
	}
	return r.typeOf(node)
}

func (r resolver) typeOf(node python.Node) (Property, bool) {
	switch n := node.(type) {
	case *python.Constant:
		if n.Value == nil {
			return Property{"type": "null"}, true
		}
		return nil, false
	case *python.Binary:
		if n.Op != "|" {
			return nil, false
		}
		return r.union([]python.Node{n.Left, n.Right})
	case *python.Subscript:
		return r.subscript(n)
	default:
		dotted, ok := python.Dotted(node)
		if !ok {
			return nil, false
		}
		return bare(r.canonical(dotted))
	}
}

// bare gives the schema of a type without subscript.
func bare(name string) (Property, bool) {
	switch name {
	case "str":
		return Property{"type": "string"}, true
	case "int":
		return Property{"type": "integer"}, true
	case "float":
		return Property{"type": "number"}, true
	case "bool":
		return Property{"type": "boolean"}, true
	case "list", "typing.List":
		return Property{"type": "array", "items": Property{}}, true
	case "dict", "typing.Dict":
		return Property{"type": object, "additionalProperties": true}, true
	case "typing.Any":
		return Property{}, true
	default:
		return nil, false
	}
}

func (r resolver) subscript(n *python.Subscript) (Property, bool) {
	dotted, ok := python.Dotted(n.Value)
	if !ok {
		return nil, false
	}
	args := arguments(n.Index)
	switch name := r.canonical(dotted); {
	case name == "typing.Optional" && len(args) == 1:
		return r.union(append(args, &python.Constant{}))
	case name == "typing.Union":
		return r.union(args)
	case (name == "list" || name == "typing.List") && len(args) == 1:
		items, ok := r.typeOf(args[0])
		return Property{"type": "array", "items": items}, ok
	case (name == "dict" || name == "typing.Dict") && len(args) == 2:
		return r.mapping(args[0], args[1])
	default:
		return nil, false
	}
}

// mapping gives dict[str, V]; other keys have rules of their own in pydantic and stay untyped.
func (r resolver) mapping(key, value python.Node) (Property, bool) {
	k, ok := r.typeOf(key)
	if !ok || k["type"] != "string" {
		return nil, false
	}
	v, ok := r.typeOf(value)
	if !ok {
		return nil, false
	}
	if len(v) == 0 {
		return Property{"type": object, "additionalProperties": true}, true
	}
	return Property{"type": object, "additionalProperties": v}, true
}

// union gives anyOf over the members, nested unions flattened and repeated members dropped, as typing does.
func (r resolver) union(members []python.Node) (Property, bool) {
	var anyOf []Property
	seen := map[string]bool{}
	for _, m := range members {
		p, ok := r.typeOf(m)
		if !ok {
			return nil, false
		}
		parts := []Property{p}
		if nested, isUnion := p["anyOf"].([]Property); isUnion {
			parts = nested
		}
		for _, part := range parts {
			if key := fingerprint(part); !seen[key] {
				seen[key] = true
				anyOf = append(anyOf, part)
			}
		}
	}
	if len(anyOf) == 1 {
		return anyOf[0], true
	}
	// Prefect's models put null last, wherever None stands.
	slices.SortStableFunc(anyOf, func(a, b Property) int { return cmp.Compare(isNull(a), isNull(b)) })
	return Property{"anyOf": anyOf}, true
}

func isNull(p Property) int {
	if p["type"] == "null" {
		return 1
	}
	return 0
}

func arguments(index python.Node) []python.Node {
	if t, ok := index.(*python.Tuple); ok {
		return t.Elements
	}
	return []python.Node{index}
}

// canonical gives a dotted name's full name: builtins as they are unless the module binds the name itself, names imported
// from typing as typing.X, anything else with a question mark in front, which no type has.
func (r resolver) canonical(dotted string) string {
	head, rest, _ := strings.Cut(dotted, ".")
	for _, i := range r.module.Imports {
		if i.Scope != python.ModuleScope {
			continue
		}
		if cmp.Or(i.As, i.Name, i.Module) != head {
			continue
		}
		switch isTyping := i.Module == "typing" && i.Level == 0; {
		case isTyping && i.Name == "":
			return "typing." + rest
		case isTyping && rest == "":
			return "typing." + i.Name
		default:
			return "?" + dotted
		}
	}
	if r.defines(head) {
		return "?" + dotted
	}
	return dotted
}

// defines tells whether the module itself binds the name at module level.
func (r resolver) defines(name string) bool {
	for _, f := range r.module.Functions {
		if f.Scope == python.ModuleScope && f.Name == name {
			return true
		}
	}
	for _, c := range r.module.Classes {
		if c.Scope == python.ModuleScope && c.Name == name {
			return true
		}
	}
	for _, a := range r.module.Assignments {
		if a.Scope == python.ModuleScope && a.Target == name {
			return true
		}
	}
	for _, i := range r.module.Imports {
		if i.Name == "*" {
			return true // a star import may bind anything
		}
	}
	return false
}
