package requirement

import (
	"strings"
	"unicode"
)

// Normal gives a package's name in the one spelling that stands for all: small letters, and single dashes for dots, dashes and underscores.
func Normal(name string) string {
	var b strings.Builder
	parted := false
	for _, r := range strings.ToLower(name) {
		if r == '-' || r == '_' || r == '.' {
			parted = true
			continue
		}
		if parted {
			b.WriteByte('-')
			parted = false
		}
		b.WriteRune(r)
	}
	if parted {
		b.WriteByte('-')
	}
	return b.String()
}

// isSpace tells what Python takes for a blank.
func isSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func trimmed(text string) string { return strings.TrimFunc(text, isSpace) }
