package schema

import (
	"cmp"
	"encoding/json"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flowmage/flowmage/tasks/python"
)

// value is what a default or a constant is: its JSON as pydantic writes it, and its Python type.
type value struct {
	json  any
	kind  string // str, int, float, bool, NoneType, list, dict, set, tuple, bytes, enum, record, object, or a full name
	class *class // of an enum member or a record
	// items are the parts of a container, or the values of a dict with its keys.
	items, keys []value
	// opaque values have no JSON; pydantic then leaves the default out.
	opaque bool
}

func (v value) text() string {
	data, err := json.Marshal(v.json)
	if err != nil {
		return v.kind
	}
	return string(data)
}

func textValue(s string) value  { return value{json: s, kind: "str"} }
func numberValue(n int64) value { return value{json: n, kind: "int"} }

// listValue gives a list, tuple or set of values.
func listValue(kind string, items []value) value {
	json, opaque := make([]any, 0, len(items)), false
	for _, i := range items {
		json, opaque = append(json, i.json), opaque || i.opaque
	}
	return value{json: json, kind: kind, items: items, opaque: opaque}
}

func jsonTypeOf(v any) string {
	switch x := v.(type) {
	case nil:
		return "null"
	case string:
		return "string"
	case bool:
		return "boolean"
	case int64, *big.Int, int:
		return "integer"
	case float64:
		if math.IsInf(x, 0) || math.IsNaN(x) {
			return "null"
		}
		return "number"
	case []any:
		return "array"
	default:
		return object
	}
}

// value evaluates an expression as far as that is possible without running it.
func (r *Reader) value(at python.Place, n python.Node, depth int) (value, error) {
	if depth > deepest {
		return value{}, unknownf("it nests too deep")
	}
	switch x := n.(type) {
	case *python.Constant:
		return constantValue(x)
	case *python.Unary:
		return r.signed(at, x, depth)
	case *python.List:
		return r.sequence(at, "list", x.Elements, depth)
	case *python.Tuple:
		return r.sequence(at, "tuple", x.Elements, depth)
	case *python.Set:
		return r.set(at, x.Elements, depth)
	case *python.Dict:
		return r.dictionary(at, x, depth)
	case *python.Name, *python.Attribute:
		return r.namedValue(at, n, depth)
	case *python.Call:
		return r.calledValue(at, x, depth)
	case *python.Binary:
		return r.computed(at, x, depth)
	case *python.JoinedString:
		if v, ok := r.library.Constant(at, n); ok {
			if s, isText := v.(string); isText {
				return textValue(s), nil
			}
		}
	}
	return value{}, unknownf("it is computed")
}

func constantValue(c *python.Constant) (value, error) {
	switch v := c.Value.(type) {
	case nil:
		return value{kind: "NoneType"}, nil
	case string:
		if strings.ContainsRune(v, utf8.RuneError) || !utf8.ValidString(v) {
			return value{}, unknownf("the text has characters that are not read")
		}
		return textValue(v), nil
	case bool:
		return value{json: v, kind: "bool"}, nil
	case int64:
		return numberValue(v), nil
	case *big.Int:
		return value{json: v, kind: "int"}, nil
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return value{kind: "float"}, nil // as pydantic writes it
		}
		return value{json: v, kind: "float"}, nil
	case python.Bytes:
		for _, c := range v {
			if c >= utf8.RuneSelf {
				return value{}, unknownf("bytes that are no text")
			}
		}
		return value{json: string(v), kind: "bytes"}, nil
	default:
		return value{}, unknownf("it is computed")
	}
}

func (r *Reader) signed(at python.Place, u *python.Unary, depth int) (value, error) {
	v, err := r.value(at, u.Operand, depth+1)
	if err != nil {
		return value{}, err
	}
	if v.kind != "int" && v.kind != "float" || u.Op != "-" && u.Op != "+" {
		return value{}, unknownf("it is computed")
	}
	if u.Op == "+" {
		return v, nil
	}
	switch n := v.json.(type) {
	case int64:
		if n == math.MinInt64 {
			return value{}, unknownf("it is computed")
		}
		return numberValue(-n), nil
	case *big.Int:
		return value{json: new(big.Int).Neg(n), kind: "int"}, nil
	case float64:
		return value{json: -n, kind: "float"}, nil
	default:
		return v, nil
	}
}

func (r *Reader) all(at python.Place, nodes []python.Node, depth int) ([]value, error) {
	return eachOf(nodes, func(n python.Node) (value, error) { return r.value(at, n, depth+1) })
}

func (r *Reader) sequence(at python.Place, kind string, nodes []python.Node, depth int) (value, error) {
	items, err := r.all(at, nodes, depth)
	return listValue(kind, items), err
}

// set gives a set as pydantic writes a default: sorted. One that Python can't sort comes in any order.
func (r *Reader) set(at python.Place, nodes []python.Node, depth int) (value, error) {
	items, err := r.all(at, nodes, depth)
	if err != nil {
		return value{}, err
	}
	unique := distinct(items, value.text)
	if len(unique) > 1 {
		for _, u := range unique {
			_, large := u.json.(*big.Int)
			if large || u.kind != unique[0].kind || u.kind != "str" && u.kind != "int" {
				return value{}, unknownf("the order of the set is not known")
			}
		}
		slices.SortFunc(unique, func(a, b value) int {
			s, _ := a.json.(string) // one of the two is nothing for both
			t, _ := b.json.(string)
			x, _ := a.json.(int64)
			y, _ := b.json.(int64)
			return cmp.Or(cmp.Compare(s, t), cmp.Compare(x, y))
		})
	}
	out := listValue("set", unique)
	out.opaque = slices.ContainsFunc(items, func(v value) bool { return v.opaque })
	return out, nil
}

func (r *Reader) dictionary(at python.Place, d *python.Dict, depth int) (value, error) {
	out := value{kind: "dict"}
	m := map[string]any{}
	for i, k := range d.Keys {
		if k == nil {
			return value{}, unknownf("it is computed")
		}
		key, err := r.value(at, k, depth+1)
		if err != nil {
			return value{}, err
		}
		v, err := r.value(at, d.Values[i], depth+1)
		if err != nil {
			return value{}, err
		}
		word, err := keyOf(key)
		if err != nil {
			return value{}, err
		}
		m[word] = v.json
		out.keys, out.items, out.opaque = append(out.keys, key), append(out.items, v), out.opaque || v.opaque
	}
	out.json = m
	return out, nil
}

// keyOf gives the key of a dict as pydantic writes it.
func keyOf(v value) (string, error) {
	switch x := v.json.(type) {
	case string:
		return x, nil
	case int64:
		return strconv.FormatInt(x, 10), nil
	default:
		return "", unknownf("a dict with such a key")
	}
}
