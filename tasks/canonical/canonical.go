// Package canonical brings values into one form of JSON, in which two that mean the same are equal, and tells in what two of them differ.
//
// Start with [Of], compare with [Equal], and show people the difference with [Explain], which hides secrets.
package canonical

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flowmage/flowmage/tasks/parameter"
	"github.com/flowmage/flowmage/tasks/secret"
)

// Of gives fields as plain JSON values (map[string]any, []any, string, json.Number, bool, nil), so that two sides which mean
// the same are deeply equal. A schema that is text stays so, until package plan opens it for a comparison. Numbers keep every digit: a
// parameter may be an integer that no float64 holds. A whole number is equal in whatever way it is written: 1, 1.0, 1e0.
func Of(fields map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(fields))
	for k, v := range fields {
		plain, err := plainValue(v)
		if err != nil {
			return nil, fmt.Errorf("%s: not expressible as JSON: %w", k, err)
		}
		out[k] = plain
	}
	return out, nil
}

// plainValue gives what would come back if v, unless it is a schema's text, went through JSON. What manifests and answers are made of is
// turned directly, because a plan does it for each field of each deployment; the rest goes through JSON itself.
func plainValue(v any) (any, error) {
	switch x := v.(type) {
	case nil, bool:
		return x, nil
	case string:
		if utf8.ValidString(x) {
			return x, nil
		}
	case int:
		return json.Number(strconv.Itoa(x)), nil
	case json.Number:
		return number(x), nil
	case parameter.Text:
		return x, nil
	case json.RawMessage:
		return Decode(x)
	case map[string]any:
		if x != nil {
			return Of(x)
		}
	case []any:
		return plainList(x)
	case []string:
		return plainList(x)
	case []map[string]any:
		return plainList(x)
	}
	return plainOther(v)
}

// plainOther is plainValue for pointers and fractions, and for what only JSON itself knows how to write.
func plainOther(v any) (any, error) {
	switch x := v.(type) {
	case float64:
		if !math.IsInf(x, 0) && !math.IsNaN(x) {
			return number(json.Number(strconv.FormatFloat(x, 'e', -1, 64))), nil // encoding/json makes a whole number of a large one
		}
	case *string:
		if x != nil {
			return plainValue(*x)
		}
	case *int:
		if x != nil {
			return plainValue(*x)
		}
	}
	data, err := json.Marshal(v) // null for what is nil
	if err != nil {
		return nil, err
	}
	return Decode(data)
}

func plainList[T any](list []T) (any, error) {
	if list == nil {
		return nil, nil //nolint:nilnil // nil is a JSON value here
	}
	out := make([]any, 0, len(list))
	for _, e := range list {
		v, err := plainValue(e)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

// Decode reads JSON into canonical values; nothing is nil.
func Decode(data json.RawMessage) (any, error) {
	if len(data) == 0 {
		return nil, nil //nolint:nilnil // nil is a JSON value here
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var out any
	if err := dec.Decode(&out); err != nil {
		return nil, err
	}
	if n, is := numbers(out); is {
		return n, nil
	}
	return out, nil
}

// Equal tells whether two canonical values mean the same, as reflect.DeepEqual does and several times faster.
func Equal(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		if !ok || len(x) != len(y) {
			return false
		}
		for k, v := range x {
			w, there := y[k]
			if !there || !Equal(v, w) {
				return false
			}
		}
		return true
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, Equal)
	default:
		switch b.(type) {
		case map[string]any, []any:
			return false
		}
		return a == b || oneNumber(a, b)
	}
}

// oneNumber tells whether two numbers are one, of which one is written as a fraction: 1e+20 and 100000000000000000000.
func oneNumber(a, b any) bool {
	x, ok1 := a.(json.Number)
	y, ok2 := b.(json.Number)
	if !ok1 || !ok2 || strings.Contains(string(x), "e") == strings.Contains(string(y), "e") {
		return false
	}
	if strings.Contains(string(x), "e") {
		x, y = y, x
	}
	f, err := y.Float64()
	exact, ok := new(big.Int).SetString(string(x), 10)
	rounded, precision := big.NewFloat(f).Int(nil)
	return err == nil && ok && precision == big.Exact && exact.Cmp(rounded) == 0
}

// numbers brings all numbers below v into their canonical form, in place; v itself it gives back if it is one.
func numbers(v any) (json.Number, bool) {
	switch x := v.(type) {
	case json.Number:
		return number(x), true
	case map[string]any:
		for k, e := range x {
			if n, is := numbers(e); is {
				x[k] = n
			}
		}
	case []any:
		for i, e := range x {
			if n, is := numbers(e); is {
				x[i] = n
			}
		}
	}
	return "", false
}

func number(n json.Number) json.Number {
	if !strings.ContainsAny(string(n), ".eE") {
		if n == "-0" {
			return "0"
		}
		return n
	}
	f, err := n.Float64()
	if err != nil {
		return n
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return json.Number(strconv.FormatInt(int64(f), 10))
	}
	return json.Number(strconv.FormatFloat(f, 'g', -1, 64))
}

// Compact gives a value as one line of JSON.
func Compact(v any) string {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v)
	}
	return string(bytes.TrimSpace(b.Bytes()))
}

// OrEmpty gives an empty mapping for none.
func OrEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}

// Change is one difference, as deep inside a field as it can be told: `parameters.batch_size`, from 25 to 50. A nil From or
// To means that the value is not there.
type Change struct {
	Field string `json:"field"`
	From  any    `json:"from"`
	To    any    `json:"to"`
}

// explicitNull is a null that stands there, as against nothing.
var explicitNull = json.RawMessage("null") //nolint:gochecknoglobals // a constant

// Explain gives the changes inside a field. Mappings are compared key by key; everything else is shown whole.
func Explain(path string, from, to any) []Change {
	before, ok1 := from.(map[string]any)
	after, ok2 := to.(map[string]any)
	if !ok1 || !ok2 {
		return []Change{{Field: path, From: Shown(path, from), To: Shown(path, to)}}
	}
	keys := slices.AppendSeq(slices.Collect(maps.Keys(before)), maps.Keys(after))
	slices.Sort(keys)
	var out []Change
	for _, k := range slices.Compact(keys) {
		x, had := before[k]
		y, has := after[k]
		if had && has && Equal(x, y) {
			continue
		}
		if had && x == nil {
			x = explicitNull
		}
		if has && y == nil {
			y = explicitNull
		}
		out = append(out, Explain(path+"."+k, x, y)...)
	}
	return out
}

// Shown gives a value as people may see it. In a parameter's schema only the default can be a secret.
func Shown(path string, v any) any {
	field, rest, _ := strings.Cut(path, ".")
	if _, whole := v.(map[string]any); field == SchemaField && !whole && !strings.HasSuffix(rest, ".default") {
		return v
	}
	return secret.Masked(v, strings.Split(path, "."))
}

// Sorted gives tags without order and repeats.
func Sorted(v any) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b any) int {
		x, _ := a.(string)
		y, _ := b.(string)
		return strings.Compare(x, y)
	})
	return slices.CompactFunc(list, func(a, b any) bool { return a == b })
}

// Short gives a value in one line of bearable length.
func Short(v any) string {
	const most = 120
	text := []rune(Compact(v))
	if len(text) > most {
		return string(text[:most]) + "…"
	}
	return string(text)
}

// SchemaField is the field that tells of parameters instead of holding their values.
const SchemaField = "parameter_openapi_schema"
