package image

import (
	"strings"
)

// LastLine gives the last line of what a program has said.
func LastLine(text string) string {
	text = strings.TrimSpace(text)
	return text[strings.LastIndex(text, "\n")+1:]
}
