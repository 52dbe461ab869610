package requirement

import (
	"slices"
	"strings"
)

// Version is a version as PEP 440 has it. The zero value is none.
type Version struct {
	epoch     number
	release   []number
	phase     string // a, b, rc; "" for none
	phaseAt   number
	post, dev number // "" for none
	local     []string
}

// ParseVersion reads a version in any spelling that PEP 440 allows.
func ParseVersion(text string) (v Version, ok bool) {
	text = trimmed(text)
	v, n := scanVersion(text)
	if n == 0 {
		return Version{}, false
	}
	local, m := scanLocal(text[n:])
	v.local = local
	return v, n+m == len(text)
}

// Pre tells whether it is a version before a release: alpha, beta, candidate or development.
func (v Version) Pre() bool { return v.phase != "" || v.dev != "" }

// Local tells whether it has a part behind a plus, as builds of one's own have.
func (v Version) Local() bool { return len(v.local) > 0 }

// String gives the one spelling that PEP 440 makes of all.
func (v Version) String() string {
	var b strings.Builder
	if v.epoch != zero {
		b.WriteString(string(v.epoch) + "!")
	}
	for i, n := range v.release {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(string(n))
	}
	b.WriteString(v.phase + string(v.phaseAt))
	if v.post != "" {
		b.WriteString(".post" + string(v.post))
	}
	if v.dev != "" {
		b.WriteString(".dev" + string(v.dev))
	}
	if len(v.local) > 0 {
		b.WriteString("+" + strings.Join(v.local, "."))
	}
	return b.String()
}

// Compare orders versions.
func (v Version) Compare(w Version) int { return at(v).compare(at(w)) }

// Release gives the first numbers of the release as text, with zeros where it has fewer: Release(2) of 3.12.1 is 3.12.
func (v Version) Release(most int) string {
	out := make([]string, most)
	for i := range out {
		out[i] = "0"
		if i < len(v.release) {
			out[i] = string(v.release[i])
		}
	}
	return strings.Join(out, ".")
}

// releasePhases are the words for what comes before a release. One that another begins with comes later.
func releasePhases() []string {
	return []string{"alpha", "beta", "preview", "pre", "rc", "a", "b", "c"}
}

func phaseOf(word string) string {
	switch word {
	case "alpha", "a":
		return "a"
	case "beta", "b":
		return "b"
	default:
		return "rc"
	}
}

// scanVersion reads a version without its local part at the start of a text, and gives where it ends; 0 for none.
func scanVersion(text string) (v Version, n int) {
	v, n = scanRelease(text)
	if n == 0 {
		return v, 0
	}
	return scanSuffix(v, text, n)
}

// scanRelease reads epoch and release.
func scanRelease(text string) (v Version, n int) {
	if n < len(text) && (text[n] == 'v' || text[n] == 'V') {
		n++
	}
	digits := leadingDigits(text[n:])
	if digits == "" {
		return v, 0
	}
	v.epoch = zero
	n += len(digits)
	if n < len(text) && text[n] == '!' {
		first := leadingDigits(text[n+1:])
		if first == "" {
			v.release = []number{numberOf(digits)}
			return v, n
		}
		v.epoch, digits = numberOf(digits), first
		n += 1 + len(first)
	}
	v.release = append(v.release, numberOf(digits))
	for n < len(text) && text[n] == '.' {
		digits = leadingDigits(text[n+1:])
		if digits == "" {
			break
		}
		v.release = append(v.release, numberOf(digits))
		n += 1 + len(digits)
	}
	return v, n
}

// scanSuffix reads what may stand behind a release: its phase, a later edition, a development.
func scanSuffix(v Version, text string, n int) (Version, int) {
	if word, digits, m := scanPart(text[n:], releasePhases()); m > 0 {
		v.phase, v.phaseAt = phaseOf(word), numberOf(digits)
		n += m
	}
	if rest := text[n:]; strings.HasPrefix(rest, "-") && leadingDigits(rest[1:]) != "" {
		digits := leadingDigits(rest[1:])
		v.post = numberOf(digits)
		n += 1 + len(digits)
	} else if _, digits, m := scanPart(rest, []string{"post", "rev", "r"}); m > 0 {
		v.post = numberOf(digits)
		n += m
	}
	if _, digits, m := scanPart(text[n:], []string{"dev"}); m > 0 {
		v.dev = numberOf(digits)
		n += m
	}
	return v, n
}

// scanPart reads one of some words with what may stand around it: .rc-1.
func scanPart(text string, words []string) (word, digits string, n int) {
	if text == "" {
		return "", "", 0
	}
	if isSeparator(text[0]) {
		n++
	}
	i := slices.IndexFunc(words, func(w string) bool {
		return len(text)-n >= len(w) && strings.EqualFold(text[n:n+len(w)], w) && isASCII(text[n:n+len(w)])
	})
	if i < 0 {
		return "", "", 0
	}
	n += len(words[i])
	if n < len(text) && isSeparator(text[n]) {
		n++
	}
	digits = leadingDigits(text[n:])
	return words[i], digits, n + len(digits)
}

// scanLocal reads a local part, and gives where it ends; 0 for none.
func scanLocal(text string) (parts []string, n int) {
	if text == "" || text[0] != '+' {
		return nil, 0
	}
	for {
		start := n + 1
		end := start
		for end < len(text) && isAlphanumeric(text[end]) {
			end++
		}
		if end == start {
			return parts, n
		}
		part := strings.ToLower(text[start:end])
		if isDigits(part) {
			part = string(numberOf(part))
		}
		parts, n = append(parts, part), end
		if end == len(text) || !isSeparator(text[end]) {
			return parts, n
		}
	}
}

func leadingDigits(text string) string {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return text[:n]
}

func isSeparator(b byte) bool { return b == '.' || b == '-' || b == '_' }

func isAlphanumeric(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z'
}

func isASCII(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r > 127 })
}

// Base gives the release as it was written: 1.2.0 for 1.2.0rc1.
func (v Version) Base() string { return v.Release(len(v.release)) }

// Next gives the whole number that is one more.
func Next(digits string) string { return string(numberOf(digits).next()) }
