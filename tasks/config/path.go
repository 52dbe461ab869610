package config

import (
	"strconv"
	"strings"
)

// separator stands between the elements of a joined path. No key may hold it (reader.go), so that names with dots in them
// (labels, flow names) stay one element, for koanf too.
const separator = "\x1f"

func join(path []string) string { return strings.Join(path, separator) }

// below gives the path of one more element. It never shares memory with path.
func below(path []string, element string) []string {
	out := make([]string, len(path)+1) // append would take room for more
	copy(out, path)
	out[len(path)] = element
	return out
}

func index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// show gives a path as users write it: a.b[0]."c.d".
func show(path []string) string {
	var b strings.Builder
	length := len(path)
	for _, element := range path {
		length += len(element)
	}
	b.Grow(length)
	for i, element := range path {
		if isIndex(element) && i > 0 {
			b.WriteString(element)
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		if element == "" || strings.ContainsAny(element, ".[]\" \t\n") {
			element = strconv.Quote(element)
		}
		b.WriteString(element)
	}
	return b.String()
}

func isIndex(element string) bool {
	if len(element) < 3 || element[0] != '[' || element[len(element)-1] != ']' {
		return false
	}
	_, err := strconv.Atoi(element[1 : len(element)-1])
	return err == nil
}

// split is the reverse of show.
func split(key string) []string {
	var out []string
	for key != "" {
		if quoted, err := strconv.QuotedPrefix(key); err == nil && key[0] == '"' {
			element, _ := strconv.Unquote(quoted)
			out = append(out, element)
			key = strings.TrimPrefix(key[len(quoted):], ".")
			continue
		}
		end := strings.IndexAny(key, ".[")
		switch {
		case end < 0:
			return append(out, key)
		case end == 0 && key[0] == '[':
			element, rest, _ := strings.Cut(key, "]")
			out = append(out, element+"]")
			key = strings.TrimPrefix(rest, ".")
		default:
			out = append(out, key[:end])
			key = strings.TrimPrefix(key[end:], ".")
		}
	}
	return out
}
