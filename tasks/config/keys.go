package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
	"github.com/flowmage/flowmage/tasks/setting"
)

// entries gives a mapping's keys in order. A key and the same with a + are one. Keys that stand twice, that are no single words or that hold
// control characters are findings.
func (r *reader) entries(n *yaml.Node, path []string) []document.Entry {
	keys := document.Entries(n, plainKey, func(f document.Flaw) { r.flaw(f, path) })
	return slices.DeleteFunc(keys, func(e document.Entry) bool { return !r.usable(e, path) })
}

// plainKey gives a key without the + that appends.
func plainKey(key string) string { return strings.TrimPrefix(key, "+") }

func (r *reader) flaw(f document.Flaw, path []string) {
	n := document.Target(f.At)
	switch {
	case f.Fault == document.Repeated:
		r.report(f.At, below(path, f.Name), setting.Problem{
			Code: "key-duplicate", Message: fmt.Sprintf("%s stands at line %d already", show(below(path, f.Name)), f.Line), Fix: "keep one of the two",
		})
	case f.Fault == document.NoMapping:
		r.report(f.At, path, setting.Problem{
			Code: wrongType, Message: "<< merges mappings, this is " + describe(n, path), Fix: "write `<<: *name` with the anchor of a mapping",
		})
	case n.Tag == document.Null:
		r.badKey(f.At, path, "a key is empty")
	default:
		r.badKey(f.At, path, describe(n, nil)+" can't be a key")
	}
}

func (r *reader) usable(e document.Entry, path []string) bool {
	switch {
	case strings.TrimSpace(plainKey(e.Name)) == "":
		r.badKey(e.Key, path, "a key is empty")
	case strings.ContainsFunc(e.Name, unicode.IsControl):
		r.badKey(e.Key, path, fmt.Sprintf("the key %q holds a control character", e.Name))
	default:
		return true
	}
	return false
}

func (r *reader) badKey(n *yaml.Node, path []string, message string) {
	r.report(n, path, setting.Problem{Code: "key-bad", Message: message, Fix: "write a name in front of the colon; quote one with { } [ ] in it"})
}

// suggestKey says what to write in place of a key that s does not have: a near key, or the place where a key of that name
// belongs.
func suggestKey(key string, s setting.Spec) string {
	names := slices.Sorted(maps.Keys(s.Keys))
	plain := strings.TrimPrefix(key, "+")
	if near := finding.Nearest(plain, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	for depth := 1; depth <= deepest; depth++ {
		if place := elsewhere(plain, setting.All(), nil, depth); place != "" {
			return fmt.Sprintf("did you mean %s?", place)
		}
	}
	return "known keys: " + strings.Join(names, ", ")
}

// deepest is how many levels settings have.
const deepest = 5

// elsewhere finds a key of exactly that name so many levels below the path.
func elsewhere(key string, s setting.Spec, path []string, depth int) string {
	if _, ok := s.Keys[key]; ok && depth == 1 {
		return show(below(path, key))
	}
	if depth == 1 {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(s.Keys)) {
		if found := elsewhere(key, s.Keys[name], below(path, name), depth-1); found != "" {
			return found
		}
	}
	switch {
	case s.Each == nil:
		return ""
	case s.Form == setting.List:
		return elsewhere(key, *s.Each, below(path, index(0)), depth-1)
	default:
		return elsewhere(key, *s.Each, below(path, "<name>"), depth-1)
	}
}
