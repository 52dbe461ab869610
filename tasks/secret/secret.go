// Package secret judges which values are secrets, by the names around them and by their form, and hides them.
//
// Start with [Masked]. What it hides is for people's eyes only: what is sent to the server stays whole.
package secret

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// Mask stands in place of a secret.
const Mask = "********"

// telling says whether a word in a key makes its value a secret.
func telling(word string) bool {
	switch word {
	case "password", "passwd", "pwd", "passphrase", "secret", "secrets", "token", "tokens", "key", "apikey", "auth", "authorization",
		"credential", "credentials", "dsn", "private", "cookie":
		return true
	default:
		return false
	}
}

// Named tells whether a value at the path, or anything around it, looks like a secret by its name.
func Named(path []string) bool {
	return slices.ContainsFunc(path, func(element string) bool {
		return slices.ContainsFunc(wordsOf(element), telling)
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

// forms are texts that are secrets whatever their name: private keys, and tokens that begin as their issuers let them begin.
var forms = regexp.MustCompile(`-----BEGIN [A-Z ]*PRIVATE KEY-----` +
	`|\b(AKIA|ASIA)[0-9A-Z]{16}\b|\bgh[opsur]_[A-Za-z0-9]{36}|\bgithub_pat_[A-Za-z0-9_]{22}|\bglpat-[A-Za-z0-9_-]{20}|\bxox[abprs]-[A-Za-z0-9-]{10}` +
	`|\bpn[ub]_[A-Za-z0-9]{36}|\bsk_live_[A-Za-z0-9]{16}|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|\bAIza[0-9A-Za-z_-]{35}`)

// Looks tells whether a text is a secret by its form: a private key, a token of a well-known kind, or an address with a password.
func Looks(s string) bool {
	return len(s) >= shortestForm && forms.MatchString(s) || !strings.Contains(s, "{{") && URL(s) != s
}

// shortestForm is the length of the shortest text that forms fits.
const shortestForm = 15

// reference is a value that only says where a secret is: Prefect resolves it when the run starts.
var reference = regexp.MustCompile(`^\s*\{\{[^{}]*\}\}\s*$`)

// Masked gives a value to show. path names the value from the outside in, such as env, DB_PASSWORD. A text that only refers to a
// secret, {{ prefect.blocks.… }}, is shown; of an address, only user and password are hidden.
func Masked(v any, path []string) any {
	if s, ok := v.(string); ok {
		switch {
		case s == "" || reference.MatchString(s):
			return s
		case Named(path), len(s) >= shortestForm && forms.MatchString(s):
			return Mask
		default:
			return URL(s)
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

// URL hides user and password of an address.
func URL(s string) string {
	start := strings.Index(s, "://")
	if start < 0 || !strings.Contains(s[start:], "@") {
		return s
	}
	if u, err := url.Parse(s); err == nil && u.User == nil {
		return s
	}
	at := strings.LastIndex(s, "@")
	return s[:start+3] + Mask + s[at:]
}
