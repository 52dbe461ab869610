package config

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"
)

// nearest gives the name with the fewest edits from word, "" when none is near.
func nearest(word string, names []string) string {
	best, fewest := "", max(1, len(word)/3)+1
	if len(word) > 100 { // no name is that long
		return ""
	}
	for _, name := range names {
		if d := distance(strings.ToLower(word), strings.ToLower(name)); d < fewest {
			best, fewest = name, d
		}
	}
	return best
}

// distance counts edits. Two neighbours swapped, the commonest slip, are one.
func distance(word, name string) int {
	for i := 1; i < len(word) && len(word) == len(name); i++ {
		if word[:i-1]+word[i:i+1]+word[i-1:i]+word[i+1:] == name {
			return 1
		}
	}
	return levenshtein.ComputeDistance(word, name)
}

// meant puts a near name in front of a fix.
func meant(word string, names []string, fix string) string {
	if near := nearest(word, names); near != "" {
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
	if near := nearest(plain, names); near != "" {
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
