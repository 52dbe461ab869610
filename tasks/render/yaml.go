package render

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// inline writes a value on one line of YAML, so that both this tool and PyYAML, which Prefect uses and which follows YAML 1.1, read
// back the same value. It is JSON, which YAML contains, with two corrections: PyYAML takes a float without a point, such as
// 1e+06, for text, and some characters that JSON leaves alone end a line in YAML.
func inline(v any) (string, error) {
	var b strings.Builder
	if err := write(&b, reflect.ValueOf(v)); err != nil {
		return "", err
	}
	return b.String(), nil
}

func write(b *strings.Builder, v reflect.Value) error {
	switch v.Kind() {
	case reflect.Invalid:
		b.WriteString("null")
		return nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			b.WriteString("null")
			return nil
		}
		return write(b, v.Elem())
	case reflect.Bool:
		b.WriteString(strconv.FormatBool(v.Bool()))
		return nil
	case reflect.Int, reflect.Int64:
		b.WriteString(strconv.FormatInt(v.Int(), 10))
		return nil
	case reflect.Float32, reflect.Float64:
		return writeFloat(b, v.Float())
	case reflect.String:
		if n, ok := reflect.TypeAssert[json.Number](v); ok {
			return writeNumber(b, n)
		}
		return writeText(b, v.String())
	case reflect.Slice, reflect.Array:
		return writeList(b, v)
	case reflect.Map:
		return writeMap(b, v)
	default:
		return writeJSON(b, v.Interface())
	}
}

func writeList(b *strings.Builder, v reflect.Value) error {
	b.WriteByte('[')
	for i := range v.Len() {
		if i > 0 {
			b.WriteString(", ")
		}
		if err := write(b, v.Index(i)); err != nil {
			return err
		}
	}
	b.WriteByte(']')
	return nil
}

func writeMap(b *strings.Builder, v reflect.Value) error {
	if v.Type().Key().Kind() != reflect.String {
		return fmt.Errorf("a mapping with keys of type %s can't be written", v.Type().Key())
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	b.WriteByte('{')
	for i, k := range keys {
		if i > 0 {
			b.WriteString(", ")
		}
		if err := writeText(b, k.String()); err != nil {
			return err
		}
		b.WriteString(": ")
		if err := write(b, v.MapIndex(k)); err != nil {
			return err
		}
	}
	b.WriteByte('}')
	return nil
}

// digits is a whole number of JSON.
var digits = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*)$`)

func writeNumber(b *strings.Builder, n json.Number) error {
	if digits.MatchString(string(n)) { // as many as there are
		b.WriteString(string(n))
		return nil
	}
	f, err := n.Float64()
	if err != nil {
		return fmt.Errorf("%q is no number: %w", n, err)
	}
	return writeFloat(b, f)
}

func writeFloat(b *strings.Builder, f float64) error {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return fmt.Errorf("%v has no form in JSON, so Prefect could not store it", f)
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		b.WriteString(strconv.FormatFloat(f, 'f', 1, 64))
	default:
		text := strconv.FormatFloat(f, 'g', -1, 64)
		if mantissa, exponent, ok := strings.Cut(text, "e"); ok && !strings.Contains(mantissa, ".") {
			text = mantissa + ".0e" + exponent
		}
		b.WriteString(text)
	}
	return nil
}

// writeText writes a double-quoted string. Next line, and the two Unicode separators, would be folded by YAML readers.
func writeText(b *strings.Builder, s string) error {
	if plain(s) {
		b.WriteByte('"')
		b.WriteString(s)
		b.WriteByte('"')
		return nil
	}
	var quoted strings.Builder
	if err := writeJSON(&quoted, s); err != nil {
		return err
	}
	for _, r := range quoted.String() {
		if r == 0x7f || r == 0x85 || r == 0xfeff || r >= 0x80 && r < 0xa0 || r == 0x2028 || r == 0x2029 {
			fmt.Fprintf(b, `\u%04x`, r)
			continue
		}
		b.WriteRune(r)
	}
	return nil
}

// plain tells whether a text stands between quotes as it is. Almost all do.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func writeJSON(b *strings.Builder, v any) error {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	b.Write(bytes.TrimSpace(out.Bytes()))
	return nil
}
