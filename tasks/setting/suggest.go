package setting

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Suggest says what to write in place of a key that s does not have: a near key, or the place where a key of that name
// belongs.
func (s Spec) Suggest(key string) string {
	plain := strings.TrimPrefix(key, "+")
	if near := s.Near(plain); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	for depth := 1; depth <= deepest; depth++ {
		if place := elsewhere(plain, All(), nil, depth); place != "" {
			return fmt.Sprintf("did you mean %s?", place)
		}
	}
	return "known keys: " + strings.Join(slices.Sorted(maps.Keys(s.Keys)), ", ")
}

// Near gives the key of s that a key most probably means, or "". A + in front, which adds to a list, stays.
func (s Spec) Near(key string) string {
	plain, adds := strings.CutPrefix(key, "+")
	near := finding.Nearest(plain, slices.Sorted(maps.Keys(s.Keys)))
	if near != "" && adds {
		return "+" + near
	}
	return near
}

// Known says what to write in place of a key that s does not have, for what is no part of the settings.
func (s Spec) Known(key string) string {
	if near := s.Near(key); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	return "known keys: " + strings.Join(slices.Sorted(maps.Keys(s.Keys)), ", ")
}

// deepest is how many levels settings have.
const deepest = 5

// elsewhere finds a key of exactly that name so many levels below the path.
func elsewhere(key string, s Spec, path []string, depth int) string {
	if _, ok := s.Keys[key]; ok && depth == 1 {
		return Show(Below(path, key))
	}
	if depth == 1 {
		return ""
	}
	for _, name := range slices.Sorted(maps.Keys(s.Keys)) {
		if found := elsewhere(key, s.Keys[name], Below(path, name), depth-1); found != "" {
			return found
		}
	}
	switch {
	case s.Each == nil:
		return ""
	case s.Form == List:
		return elsewhere(key, *s.Each, Below(path, Index(0)), depth-1)
	default:
		return elsewhere(key, *s.Each, Below(path, "<name>"), depth-1)
	}
}

// Leaves gives the paths of settings with known names.
func (s Spec) Leaves(path []string) [][]string {
	if s.Form != Object {
		return [][]string{path}
	}
	var out [][]string
	for _, key := range slices.Sorted(maps.Keys(s.Keys)) {
		out = append(out, s.Keys[key].Leaves(Below(path, key))...)
	}
	return out
}
