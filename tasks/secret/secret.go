// Package secret judges which values are secrets, by the names around them and by their form, and hides them.
//
// Start with [Masked]. What it hides is for people's eyes only: what is sent to the server stays whole.
package secret

import (
	"slices"
	"strings"

	"github.com/flowmage/flowmage/tasks/pattern"
)

// Mask stands in place of a secret.
const Mask = "********"

// Looks tells whether a text is a secret by its form: a private key, a token of a well-known kind, an address with a password or a
// signature, or a connection string.
func Looks(s string) bool {
	return formed(s) || !strings.Contains(s, "{{") && (addresses(s, certain) != s || pairs(s, certain) != s)
}

// reference is a value that only says where a secret is: Prefect resolves it when the run starts.
var reference = pattern.New(`^\s*\{\{[^{}]*\}\}\s*$`)

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

// assignment is a name and a value in a line of text: NAME=value, name: value, "name": "value", Authorization: Bearer value.
var assignment = pattern.New(`([A-Za-z_][A-Za-z0-9_.-]*)(["']?\s*(?:[=:]|=>)\s*)((?i:(?:bearer|basic|token|digest|negotiate)\s+)?)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:\{\{[^{}]*\}\}|[^\s,;)}\]])+)`)

// option is one of a command line whose value is the next word: --password hunter2.
var option = pattern.New(`(^|\s)(--?[A-Za-z][A-Za-z0-9-]*)(\s+)([^\s-]\S*)`)

// Line gives a line of free text, such as one of a log, without the values that stand behind a secret's name and without words that look
// like secrets. What it can't tell from words stays: text that must be free of secrets for certain should not be passed on.
func Line(text string) string {
	if text = URL(text); strings.ContainsAny(text, "=:") {
		text = assignment.ReplaceAllStringFunc(text, func(found string) string {
			part := assignment.FindStringSubmatch(found)
			if strings.HasPrefix(part[4], "//") || !telling(part[1]) { // the scheme of an address is no name
				return found
			}
			return part[1] + part[2] + Mask
		})
		text = pairs(text, byName)
	}
	if strings.Contains(text, "-") {
		text = option.ReplaceAllStringFunc(text, func(found string) string {
			part := option.FindStringSubmatch(found)
			if !strings.HasPrefix(part[2], "--") || !telling(part[2]) {
				return found
			}
			return part[1] + part[2] + part[3] + Mask
		})
	}
	if !formed(text) {
		return text
	}
	words := strings.SplitAfter(text, " ")
	for i, w := range words {
		if bare := strings.TrimRight(w, " \r\n"); formed(bare) {
			words[i] = Mask + w[len(bare):]
		}
	}
	if text = strings.Join(words, ""); formed(text) { // one with blanks in it
		return Mask + text[len(strings.TrimRight(text, "\r\n")):]
	}
	return text
}

// Text is [Line] for each line of a text; what stands between the first and the last line of a private key goes as well.
func Text(text string) string {
	var b strings.Builder
	var lines Lines
	for line := range strings.Lines(text) {
		b.WriteString(lines.Line(line))
	}
	return b.String()
}

// Lines hides what looks like a secret in one line of a stream after the other. The zero value is at the beginning of one.
type Lines struct {
	inside bool // of a private key
}

// Line gives the next line without secrets.
func (l *Lines) Line(line string) string {
	if l.inside {
		l.inside = !strings.Contains(line, "-----END ")
		return Mask + line[len(strings.TrimRight(line, "\r\n")):]
	}
	l.inside = privateKey.MatchString(line) && !strings.Contains(line, "-----END ")
	return Line(line)
}

var privateKey = pattern.New(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY`)
