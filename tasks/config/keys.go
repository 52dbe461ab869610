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
		r.report(f.At, below(path, f.Name), problem{
			code: "key-duplicate", message: fmt.Sprintf("%s stands at line %d already", show(below(path, f.Name)), f.Line), fix: "keep one of the two",
		})
	case f.Fault == document.NoMapping:
		r.report(f.At, path, problem{
			code: wrongType, message: "<< merges mappings, this is " + describe(n, path), fix: "write `<<: *name` with the anchor of a mapping",
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
	r.report(n, path, problem{code: "key-bad", message: message, fix: "write a name in front of the colon; quote one with { } [ ] in it"})
}

// meant puts a near name in front of a fix.
func meant(word string, names []string, fix string) string {
	return finding.Meant(finding.Nearest(word, names), fix)
}

// suggestKey says what to write in place of a key that s does not have: a near key, or the place where a key of that name
// belongs.
func suggestKey(key string, s spec) string {
	names := slices.Sorted(maps.Keys(s.keys))
	plain := strings.TrimPrefix(key, "+")
	if near := finding.Nearest(plain, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	for depth := 1; depth <= deepest; depth++ {
		if place := elsewhere(plain, schema(), nil, depth); place != "" {
			return fmt.Sprintf("did you mean %s?", place)
		}
	}
	return "known keys: " + strings.Join(names, ", ")
}

// deepest is how many levels settings have.
const deepest = 5

// elsewhere finds a key of exactly that name so many levels below the path.
func elsewhere(key string, s spec, path []string, depth int) string {
	if _, ok := s.keys[key]; ok && depth == 1 {
		return show(below(path, key))
	}
	if depth == 1 {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(s.keys)) {
		if found := elsewhere(key, s.keys[name], below(path, name), depth-1); found != "" {
			return found
		}
	}
	switch {
	case s.each == nil:
		return ""
	case s.form == list:
		return elsewhere(key, *s.each, below(path, index(0)), depth-1)
	default:
		return elsewhere(key, *s.each, below(path, "<name>"), depth-1)
	}
}
