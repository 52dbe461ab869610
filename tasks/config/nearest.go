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
	if near := finding.Nearest(word, names); near != "" {
		return fmt.Sprintf("did you mean %s? %s", near, fix)
	}
	return fix
}

// suggestKey says what to write in place of a key that s does not have: a near key, or the place where a key of that name
// belongs.
func suggestKey(key string, s spec) string {
	names := slices.Sorted(maps.Keys(s.keys))
	known := "known keys: " + strings.Join(names, ", ")
	plain := strings.TrimPrefix(key, "+")
	if near := finding.Nearest(plain, names); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if place := elsewhere(plain, schema(), nil); place != "" {
		return fmt.Sprintf("did you mean %s?", place)
	}
	return known
}

// elsewhere finds a key of exactly that name anywhere, nearest to the top.
func elsewhere(key string, s spec, path []string) string {
	if _, ok := s.keys[key]; ok {
		return show(below(path, key))
	}
	for _, name := range slices.Sorted(maps.Keys(s.keys)) {
		if found := elsewhere(key, s.keys[name], below(path, name)); found != "" {
			return found
		}
	}
	if s.each == nil {
		return ""
	}
	if s.form == list {
		return elsewhere(key, *s.each, below(path, index(0)))
	}
	return elsewhere(key, *s.each, below(path, "<name>"))
}
