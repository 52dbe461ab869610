package setting

import (
	"strconv"
	"strings"
)

// Below gives the path of one more element. It never shares memory with path.
func Below(path []string, element string) []string {
	out := make([]string, len(path)+1) // append would take room for more
	copy(out, path)
	out[len(path)] = element
	return out
}

// Index gives the element of a path that stands for one of a list.
func Index(i int) string { return "[" + strconv.Itoa(i) + "]" }

// Show gives a path as users write it: a.b[0]."c.d".
func Show(path []string) string {
	var b strings.Builder
	length := len(path)
	for _, element := range path {
		length += len(element)
	}
	b.Grow(length)
	for i, element := range path {
		if IsIndex(element) && i > 0 {
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

// IsIndex tells whether an element of a path stands for one of a list.
func IsIndex(element string) bool {
	if len(element) < 3 || element[0] != '[' || element[len(element)-1] != ']' {
		return false
	}
	_, err := strconv.Atoi(element[1 : len(element)-1])
	return err == nil
}

// Split is the reverse of [Show].
func Split(key string) []string {
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
