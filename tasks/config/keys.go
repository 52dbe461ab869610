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

// entry is a key of a mapping with its value.
type entry struct {
	name  string
	key   *yaml.Node
	value *yaml.Node // may be an alias
}

// entries gives a mapping's keys in order; merge keys (<<) add what it does not set itself. Keys that stand twice, that are
// no single words or that hold control characters are findings.
func (r *reader) entries(n *yaml.Node, path []string) []entry {
	var own, merged []entry
	lines := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := document.Target(n.Content[i]), n.Content[i+1]
		if key.Tag == "!!merge" {
			merged = append(merged, r.merged(value, path)...)
			continue
		}
		if !r.usable(key, path) {
			continue
		}
		if line, ok := lines[strings.TrimPrefix(key.Value, "+")]; ok {
			r.report(n.Content[i], below(path, key.Value), problem{
				code: "key-duplicate", message: fmt.Sprintf("%s stands at line %d already", show(below(path, key.Value)), line),
				fix: "keep one of the two",
			})
			continue
		}
		lines[strings.TrimPrefix(key.Value, "+")] = key.Line
		own = append(own, entry{key.Value, n.Content[i], value})
	}
	for _, e := range merged {
		name := strings.TrimPrefix(e.name, "+")
		if _, ok := lines[name]; !ok {
			lines[name] = e.key.Line
			own = append(own, e)
		}
	}
	return own
}

// merged gives what a merge key brings in.
func (r *reader) merged(value *yaml.Node, path []string) []entry {
	n := document.Target(value)
	switch n.Kind {
	case yaml.MappingNode:
		return r.entries(n, path)
	case yaml.SequenceNode:
		var out []entry
		for _, c := range n.Content {
			if document.Target(c).Kind == yaml.MappingNode {
				out = append(out, r.entries(document.Target(c), path)...)
			}
		}
		return out
	default:
		r.report(value, path, problem{
			code: wrongType, message: "<< merges mappings, this is " + describe(n, path), fix: "write `<<: *name` with the anchor of a mapping",
		})
		return nil
	}
}

func (r *reader) usable(key *yaml.Node, path []string) bool {
	var bad string
	switch {
	case key.Kind != yaml.ScalarNode:
		bad = describe(key, nil) + " can't be a key"
	case key.Tag == document.Null || strings.TrimSpace(strings.TrimPrefix(key.Value, "+")) == "":
		bad = "a key is empty"
	case strings.ContainsFunc(key.Value, unicode.IsControl):
		bad = fmt.Sprintf("the key %q holds a control character", key.Value)
	default:
		return true
	}
	r.report(key, path, problem{code: "key-bad", message: bad, fix: "write a name in front of the colon; quote one with { } [ ] in it"})
	return false
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
