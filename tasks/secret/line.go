package secret

import (
	"regexp"
	"strings"
)

// assignment is a name and a value in a line of text: NAME=value, name: value, "name": "value", Authorization: Bearer value.
var assignment = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_.-]*)(["']?\s*(?:[=:]|=>)\s*)((?i:(?:bearer|basic|token|digest|negotiate)\s+)?)("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|(?:\{\{[^{}]*\}\}|[^\s,;)}\]])+)`)

// option is one of a command line whose value is the next word: --password hunter2.
var option = regexp.MustCompile(`(^|\s)(--?[A-Za-z][A-Za-z0-9-]*)(\s+)([^\s-]\S*)`)

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

var privateKey = regexp.MustCompile(`-----BEGIN [A-Z0-9 ]*PRIVATE KEY`)
