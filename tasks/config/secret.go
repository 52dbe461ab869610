package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// mask stands in place of a secret.
const mask = "********"

// secretWords are the words of which one in a key makes its value a secret.
func secretWords() []string {
	return []string{
		"password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "tokens", "key", "apikey", "auth", "authorization",
		"credential", "credentials", "dsn", "private", "cookie",
	}
}

// secretPath tells whether a value at the path, or anything around it, looks like a secret by its name.
func secretPath(path []string) bool {
	return slices.ContainsFunc(path, func(element string) bool {
		return slices.ContainsFunc(wordsOf(element), func(w string) bool { return slices.Contains(secretWords(), w) })
	})
}

// wordsOf splits a name at case changes and at anything but letters and digits, so that author is not auth.
func wordsOf(name string) []string {
	var b strings.Builder
	lower := false
	for _, c := range name {
		if unicode.IsUpper(c) && lower {
			b.WriteByte(' ')
		}
		lower = unicode.IsLower(c) || unicode.IsDigit(c)
		if !unicode.IsLetter(c) && !unicode.IsDigit(c) {
			c = ' '
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return strings.Fields(b.String())
}

// reference is a value that only says where a secret is: Prefect resolves it when the run starts.
var reference = regexp.MustCompile(`^\s*\{\{[^{}]*\}\}\s*$`)

// masked gives a value to show.
func masked(v any, path []string) any {
	if s, ok := v.(string); ok {
		switch {
		case s == "" || reference.MatchString(s):
			return s
		case secretPath(path):
			return mask
		default:
			return maskURL(s)
		}
	}
	if v == nil || v == true || v == false {
		return v
	}
	if secretPath(path) {
		return mask
	}
	if items, ok := v.([]any); ok {
		out := make([]any, 0, len(items))
		for _, item := range items {
			out = append(out, masked(item, path))
		}
		return out
	}
	return v
}

// maskURL hides user and password of an address.
func maskURL(s string) string {
	start := strings.Index(s, "://")
	if start < 0 || !strings.Contains(s[start:], "@") {
		return s
	}
	if u, err := url.Parse(s); err == nil && u.User == nil {
		return s
	}
	at := strings.LastIndex(s, "@")
	return s[:start+3] + mask + s[at:]
}
