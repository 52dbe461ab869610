package secret

import (
	"regexp"
	"strings"
)

// assignment is a name and a value in a line of text: NAME=value, name: value, "name": "value", --name value is not one.
var assignment = regexp.MustCompile(`([A-Za-z_][A-Za-z0-9_.-]*)(["']?\s*[=:]\s*)("[^"]*"|'[^']*'|[^\s,;)}\]]+)`)

// Line gives a line of free text, such as one of a log, without the values that stand behind a secret's name and without words that look
// like secrets. What it can't tell from words stays: text that must be free of secrets for certain should not be passed on.
func Line(text string) string {
	text = assignment.ReplaceAllStringFunc(text, func(found string) string {
		part := assignment.FindStringSubmatch(found)
		if strings.HasPrefix(part[3], "//") || !Named([]string{part[1]}) { // the scheme of an address is no name
			return found
		}
		return part[1] + part[2] + Mask
	})
	words := strings.SplitAfter(text, " ")
	for i, w := range words {
		bare := strings.TrimRight(w, " \r\n")
		switch masked := URL(bare); {
		case masked != bare:
			words[i] = masked + w[len(bare):]
		case Looks(bare):
			words[i] = Mask + w[len(bare):]
		}
	}
	return strings.Join(words, "")
}
