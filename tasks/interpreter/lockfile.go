package interpreter

import (
	"regexp"
	"strings"
)

// pins are the versions of a lock by normalized package name. A package that is pinned twice, with different markers, keeps
// its last one.
type pins map[string]string

// parseLock reads the pins of a compiled lock.
func parseLock(lock string) pins {
	out := pins{}
	for line := range strings.Lines(lock) {
		if name, version, ok := pin(line); ok {
			out[name] = version
		}
	}
	return out
}

// constraints gives the pins of a lock in the form that pip's and uv's -c takes: without hashes, which would demand hashes of
// everything else, and without extras, which pip refuses there.
func constraints(lock string) string {
	var b strings.Builder
	for line := range strings.Lines(lock) {
		if _, _, ok := pin(line); !ok {
			continue
		}
		line = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(line), `\`))
		b.WriteString(extras.ReplaceAllString(line, "") + "\n")
	}
	return b.String()
}

var (
	extras     = regexp.MustCompile(`\[[^\]]*\]`)
	separators = regexp.MustCompile(`[-_.]+`)
	nameStart  = regexp.MustCompile(`^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`)
)

// pin reads `name[extra]==version ; marker \`.
func pin(line string) (name, version string, ok bool) {
	name, rest, ok := strings.Cut(line, "==")
	if !ok || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "-") {
		return "", "", false
	}
	version, _, _ = strings.Cut(rest, ";")
	version = strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(version), `\`))
	return normalized(extras.ReplaceAllString(name, "")), version, true
}

// normalized makes package names comparable (PEP 503).
func normalized(name string) string {
	return strings.ToLower(separators.ReplaceAllString(strings.TrimSpace(name), "-"))
}

// packageName gives the normalized name at the start of a requirement; "" for what has none, such as a path or an option.
func packageName(requirement string) string {
	return normalized(nameStart.FindString(strings.TrimSpace(requirement)))
}
