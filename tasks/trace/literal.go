package trace

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// literal writes a value as Python does.
func literal(v value) (string, bool) {
	switch x := v.(type) {
	case *constant:
		switch c := x.of.(type) {
		case string:
			if !utf8.ValidString(c) {
				return "", false
			}
			return strconv.QuoteToASCII(c), true // whose escapes Python has too
		case float64:
			s := strconv.FormatFloat(c, 'g', -1, 64)
			if !strings.ContainsAny(s, ".eIN") {
				s += ".0"
			}
			return s, !strings.ContainsAny(s, "IN")
		default:
			return asText(v)
		}
	case *list:
		return x.literal()
	case *table:
		words := make([]string, 0, len(x.keys))
		for _, k := range x.keys {
			w, ok := literal(x.values[k].value)
			if !ok {
				return "", false
			}
			words = append(words, strconv.QuoteToASCII(k)+": "+w)
		}
		return "{" + strings.Join(words, ", ") + "}", x.open == nil
	}
	return "", false
}

func (l *list) literal() (string, bool) {
	words := make([]string, 0, len(l.items))
	for _, i := range l.items {
		w, ok := literal(i)
		if !ok {
			return "", false
		}
		words = append(words, w)
	}
	inner := strings.Join(words, ", ")
	switch {
	case l.kind == "list":
		return "[" + inner + "]", true
	case l.kind == tuple && len(words) == 1:
		return "(" + inner + ",)", true
	case l.kind == tuple:
		return "(" + inner + ")", true
	}
	return "", false
}

func literalOr(v value, text string) string {
	if s, ok := literal(v); ok {
		return s
	}
	return text
}
