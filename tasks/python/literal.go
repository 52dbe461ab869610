package python

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"unicode/utf8"
)

// evaluated gives the value of one valid literal of text or bytes.
func evaluated(literal string) string {
	prefix, body := splitLiteral(literal)
	if strings.Contains(prefix, "r") {
		return body
	}
	return unescape(body, strings.Contains(prefix, "b"))
}

// unescape evaluates escape sequences. One that can't be decoded stays as it is.
func unescape(s string, isBytes bool) string {
	if !strings.Contains(s, `\`) {
		return s
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
			b.WriteByte('\\')
		}
		i += 1 + size
	}
	return b.String()
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

// numeral gives a number's value; an imaginary one is no constant here.
func numeral(s string) Node {
	s = strings.ReplaceAll(s, "_", "")
	if i, err := strconv.ParseInt(s, 0, 64); err == nil {
		return &Constant{Value: i}
	}
	if i, ok := new(big.Int).SetString(s, 0); ok {
		return &Constant{Value: i}
	}
	if strings.Trim(s, "0") == "" {
		return &Constant{Value: int64(0)}
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil || f != 0 {
		return &Constant{Value: f}
	}
	return &Other{}
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
	e := evaluation{left: math.MaxInt}
	return e.value(Place{}, n)
}

func signed(u *Unary) (any, bool) {
	v, ok := Literal(u.Operand)
	if !ok || u.Op == "~" {
		return nil, false
	}
	var negative any
	switch x := v.(type) {
	case int64:
		negative = -x
	case float64:
		negative = -x
	case *big.Int:
		negative = new(big.Int).Neg(x)
	default:
		return nil, false
	}
	if u.Op == "+" {
		return v, true
	}
	return negative, true
}
