package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

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
