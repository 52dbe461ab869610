package trace

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flowmage/flowmage/tasks/python"
)

// longest bounds the texts that are put together.
const longest = 64 << 10

// asText gives what str makes of a value.
func asText(v value) (string, bool) {
	c, ok := v.(*constant)
	if !ok {
		return "", false
	}
	switch x := c.of.(type) {
	case string:
		return x, true
	case int64:
		return strconv.FormatInt(x, 10), true
	case bool:
		return map[bool]string{true: "True", false: "False"}[x], true
	case nil:
		return "None", true
	default:
		return "", false
	}
}

// interpolated evaluates an f-string. What can't be known of it is told, not all of it.
func (p *path) interpolated(f *frame, s *python.JoinedString, text string, start int) value {
	var b strings.Builder
	for _, part := range s.Parts {
		v := p.evaluate(f, part, text, start)
		if u, ok := v.(*unknown); ok {
			return u
		}
		word, ok := asText(v)
		if !ok || b.Len() > longest {
			return &unknown{text: text, file: f.at.File, start: start}
		}
		b.WriteString(word)
	}
	return &constant{b.String()}
}

// binary gives what an operator makes of two values.
func (*path) binary(op string, left, right value, lost func() value) value {
	for _, v := range []value{left, right} {
		if u, ok := v.(*unknown); ok {
			return u
		}
	}
	switch x := left.(type) {
	case *table:
		if y, ok := right.(*table); ok && op == "|" {
			out := x.copied()
			out.join(y)
			return out
		}
	case *list:
		if y, ok := right.(*list); ok && op == "+" && len(x.items)+len(y.items) < longest {
			return &list{items: append(slices.Clip(x.items), y.items...), kind: x.kind}
		}
	case *constant:
		if s, isText := x.of.(string); isText {
			return ofText(op, s, right, lost)
		}
		if a, ok := x.of.(int64); ok {
			return integers(op, a, right, lost)
		}
	}
	return lost()
}

// ofText gives what an operator makes of a text.
func ofText(op, s string, right value, lost func() value) value {
	t, both := textOf(right)
	switch {
	case both && op == "+" && len(s)+len(t) < longest:
		return &constant{s + t}
	case op == "%":
		if out, ok := percent(s, right); ok {
			return &constant{out}
		}
	}
	return lost()
}

func integers(op string, a int64, right value, lost func() value) value {
	c, _ := right.(*constant)
	if c == nil {
		return lost()
	}
	b, ok := c.of.(int64)
	if most := int64(1) << 31; !ok || a > most || a < -most || b > most || b < -most {
		return lost()
	}
	switch op {
	case "+":
		return &constant{a + b}
	case "-":
		return &constant{a - b}
	case "*":
		return &constant{a * b}
	}
	return lost()
}

// percent formats a text by %s and %d.
func percent(format string, with value) (string, bool) {
	items := []value{with}
	if l, ok := with.(*list); ok && l.kind == tuple {
		items = l.items
	}
	var b strings.Builder
	for {
		before, after, found := strings.Cut(format, "%")
		b.WriteString(before)
		if !found {
			return b.String(), len(items) == 0
		}
		switch {
		case strings.HasPrefix(after, "%"):
			b.WriteByte('%')
		case (strings.HasPrefix(after, "s") || strings.HasPrefix(after, "d")) && len(items) > 0:
			word, ok := asText(items[0])
			if !ok {
				return "", false
			}
			b.WriteString(word)
			items = items[1:]
		default:
			return "", false
		}
		format = after[1:]
	}
}

// texts calls a method of a text.
//
//nolint:cyclop // one flat switch over the methods
func (*path) texts(s, name string, args arguments, lost *unknown) value {
	words := make([]string, 0, len(args.positional))
	for _, a := range args.positional {
		w, ok := textOf(a)
		if !ok {
			words = nil
			break
		}
		words = append(words, w)
	}
	if len(words) < len(args.positional) || args.spread != nil || args.open != nil {
		return texted(s, name, args, lost)
	}
	switch {
	case len(words) == 0 && utf8.ValidString(s):
		if out, ok := changed(s, name); ok {
			return &constant{out}
		}
	case len(words) == 1:
		switch name {
		case "removeprefix":
			return &constant{strings.TrimPrefix(s, words[0])}
		case "removesuffix":
			return &constant{strings.TrimSuffix(s, words[0])}
		case "startswith":
			return &constant{strings.HasPrefix(s, words[0])}
		case "endswith":
			return &constant{strings.HasSuffix(s, words[0])}
		case "strip":
			return &constant{strings.Trim(s, words[0])}
		case "lstrip":
			return &constant{strings.TrimLeft(s, words[0])}
		case "rstrip":
			return &constant{strings.TrimRight(s, words[0])}
		case "split":
			out := &list{kind: "list"}
			for part := range strings.SplitSeq(s, words[0]) {
				out.items = append(out.items, &constant{part})
			}
			return out
		}
	case len(words) == 2 && name == "replace" && len(s)*(1+len(words[1])) < longest:
		return &constant{strings.ReplaceAll(s, words[0], words[1])}
	}
	return texted(s, name, args, lost)
}

// changed calls a method of a text without arguments, as far as it does the same in Go.
func changed(s, name string) (string, bool) {
	for _, c := range s {
		if c >= utf8.RuneSelf {
			return "", false
		}
	}
	switch name {
	case "lower", "casefold":
		return strings.ToLower(s), true
	case "upper":
		return strings.ToUpper(s), true
	case "strip":
		return strings.TrimSpace(s), true
	case "title", "capitalize":
		b, inside := []byte(strings.ToLower(s)), false
		for i, c := range b {
			letter := c >= 'a' && c <= 'z'
			if letter && !inside {
				b[i] = c - 'a' + 'A'
			}
			if inside = letter; name == "capitalize" {
				inside = true
			}
		}
		return string(b), true
	}
	return "", false
}

// texted calls a method of a text with other arguments than texts.
func texted(s, name string, args arguments, lost *unknown) value {
	switch name {
	case "format":
		if out, ok := formatted(s, args); ok {
			return &constant{out}
		}
	case "join":
		l, ok := first(args).(*list)
		if !ok {
			break
		}
		var words []string
		for _, i := range l.items {
			w, ok := textOf(i)
			if !ok {
				return lost
			}
			words = append(words, w)
		}
		return &constant{strings.Join(words, s)}
	}
	for _, a := range args.positional {
		if u, ok := a.(*unknown); ok {
			return u
		}
	}
	return lost
}

// formatted fills {} and {name} in a text.
func formatted(s string, args arguments) (string, bool) {
	var b strings.Builder
	next := 0
	for {
		before, after, found := strings.Cut(s, "{")
		b.WriteString(before)
		if !found {
			return b.String(), !strings.Contains(before, "}")
		}
		field, rest, closed := strings.Cut(after, "}")
		var v value
		if n, err := strconv.Atoi(field); err == nil && n >= 0 && n < len(args.positional) {
			v = args.positional[n]
		} else if field == "" && next < len(args.positional) {
			v = args.positional[next]
			next++
		}
		for _, a := range args.named {
			if a.name == field {
				v = a.value
			}
		}
		word, ok := asText(v)
		if !closed || !ok {
			return "", false
		}
		b.WriteString(word)
		s = rest
	}
}
