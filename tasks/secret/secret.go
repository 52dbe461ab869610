// Package secret judges which values are secrets, by the names around them and by their form, and hides them.
//
// Start with [Masked]. What it hides is for people's eyes only: what is sent to the server stays whole.
package secret

import (
	"regexp"
	"slices"
	"strings"
)

// Mask stands in place of a secret.
const Mask = "********"

// Looks tells whether a text is a secret by its form: a private key, a token of a well-known kind, an address with a password or a
// signature, or a connection string.
func Looks(s string) bool {
	return formed(s) || !strings.Contains(s, "{{") && (addresses(s, certain) != s || pairs(s, certain) != s)
}

// reference is a value that only says where a secret is: Prefect resolves it when the run starts.
var reference = regexp.MustCompile(`^\s*\{\{[^{}]*\}\}\s*$`)

// Masked gives a value to show. path names the value from the outside in, such as env, DB_PASSWORD. A text that only refers to a
// secret, {{ prefect.blocks.… }}, is shown; of an address or a connection string, only what is secret is hidden.
func Masked(v any, path []string) any {
	if s, ok := v.(string); ok {
		switch {
		case s == "" || reference.MatchString(s):
			return s
		case Named(path), formed(s):
			return Mask
		default:
			return pairs(URL(s), byName)
		}
	}
	if v == nil || v == true || v == false {
		return v
	}
	if Named(path) {
		return Mask
	}
	if items, ok := v.([]any); ok {
		out := make([]any, 0, len(items))
		for _, item := range items {
			out = append(out, Masked(item, path))
		}
		return out
	}
	if m, ok := v.(map[string]any); ok {
		out := make(map[string]any, len(m))
		for name, value := range m {
			out[name] = Masked(value, append(slices.Clone(path), name))
		}
		return out
	}
	return v
}
