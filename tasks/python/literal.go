package python

import (
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// joined reads one or more string literals in a row, which Python joins.
func (p *parser) joined() Node {
	var b strings.Builder
	formatted, isBytes := false, false
	for first := true; p.peek().kind == text; first = false {
		t := p.peek()
		prefix, body := splitLiteral(p.text(t))
		if !first && isBytes != strings.Contains(prefix, "b") {
			panic(p.src.fail(t.start, "cannot mix bytes and nonbytes literals"))
		}
		isBytes = strings.Contains(prefix, "b")
		switch {
		case strings.ContainsAny(prefix, "ft"):
			formatted = true
		case strings.Contains(prefix, "r"):
			b.WriteString(body)
		default:
			value, at := unescape(body, isBytes)
			if at >= 0 {
				panic(p.src.fail(t.start, "(unicode error) can't decode the escape sequence at position "+strconv.Itoa(at)))
			}
			b.WriteString(value)
		}
		p.at++
	}
	switch {
	case formatted:
		return &JoinedString{}
	case isBytes:
		return &Constant{Value: Bytes(b.String())}
	default:
		return &Constant{Value: b.String()}
	}
}

// splitLiteral gives a literal's prefix in small letters and what stands between its quotes.
func splitLiteral(s string) (prefix, body string) {
	quote := strings.IndexAny(s, `'"`)
	prefix, s = strings.ToLower(s[:quote]), s[quote:]
	size := 1
	if len(s) >= 6 && (strings.HasPrefix(s, `"""`) || strings.HasPrefix(s, `'''`)) {
		size = 3
	}
	return prefix, s[size : len(s)-size]
}

// unescape evaluates escape sequences. at is the offset of one that can't be decoded, or -1.
func unescape(s string, isBytes bool) (value string, at int) {
	if !strings.Contains(s, `\`) {
		return s, -1
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 >= len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		size, ok := escape(&b, s[i+1:], isBytes)
		if !ok {
			return "", i
		}
		i += 1 + size
	}
	return b.String(), -1
}

// escape evaluates what stands behind one backslash and gives its length.
func escape(b *strings.Builder, s string, isBytes bool) (int, bool) {
	if i := strings.IndexByte(`\'"abfnrtv`, s[0]); i >= 0 {
		b.WriteByte("\\'\"\a\b\f\n\r\t\v"[i])
		return 1, true
	}
	switch c := s[0]; {
	case c == '\n':
		return 1, true
	case c >= '0' && c <= '7':
		size := 1
		for size < 3 && size < len(s) && s[size] >= '0' && s[size] <= '7' {
			size++
		}
		n, _ := strconv.ParseInt(s[:size], 8, 32)
		b.WriteRune(rune(n))
		return size, true
	case c == 'x':
		return hex(b, s, 2)
	case c == 'u' && !isBytes:
		return hex(b, s, 4)
	case c == 'U' && !isBytes:
		return hex(b, s, 8)
	case c == 'N' && !isBytes:
		closing := strings.IndexByte(s, '}')
		if len(s) < 2 || s[1] != '{' || closing < 3 {
			return 0, false
		}
		b.WriteRune(utf8.RuneError) // the table of Unicode names is not here
		return closing + 1, true
	default:
		b.WriteByte('\\') // an unknown escape stays as it is
		return 0, true
	}
}

func hex(b *strings.Builder, s string, digits int) (int, bool) {
	if len(s) < digits+1 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:digits+1], 16, 32)
	if err != nil || n > utf8.MaxRune {
		return 0, false
	}
	b.WriteRune(rune(n))
	return digits + 1, true
}

// Literal gives the value of a literal: string, int64, *big.Int, float64, bool, nil for None, []any for a list, map[string]any for a
// dict with string keys. A sign in front of a number counts, tuples, sets, bytes and everything computed do not.
func Literal(n Node) (value any, ok bool) {
	switch x := n.(type) {
	case *Constant:
		_, isBytes := x.Value.(Bytes)
		return x.Value, !isBytes
	case *Unary:
		return signed(x)
	case *List:
		out := make([]any, 0, len(x.Elements))
		for _, e := range x.Elements {
			v, ok := Literal(e)
			if !ok {
				return nil, false
			}
			out = append(out, v)
		}
		return out, true
	case *Dict:
		return literalDict(x)
	default:
		return nil, false
	}
}

func literalDict(d *Dict) (any, bool) {
	out := map[string]any{}
	for i, k := range d.Keys {
		if k == nil {
			return nil, false
		}
		key, ok1 := Literal(k)
		word, isText := key.(string)
		v, ok2 := Literal(d.Values[i])
		if !ok1 || !isText || !ok2 {
			return nil, false
		}
		out[word] = v
	}
	return out, true
}

func signed(u *Unary) (any, bool) {
	v, ok := Literal(u.Operand)
	if !ok || u.Op == "~" {
		return nil, false
	}
	switch x := v.(type) {
	case int64:
		if u.Op == "-" {
			return -x, true
		}
		return x, true
	case float64:
		if u.Op == "-" {
			return -x, true
		}
		return x, true
	case *big.Int:
		if u.Op == "-" {
			return new(big.Int).Neg(x), true
		}
		return x, true
	default:
		return nil, false
	}
}
