package render

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/flowmage/flowmage/tasks/pattern"

	"go.yaml.in/yaml/v3"
)

// The tags of YAML's plain values.
const (
	tagNull  = "!!null"
	tagTruth = "!!bool"
	tagWhole = "!!int"
	tagFloat = "!!float"
	tagText  = "!!str"
)

// nodeOf gives a value as the node that reading its text would give.
func nodeOf(v reflect.Value) (*yaml.Node, error) {
	switch v.Kind() {
	case reflect.Invalid:
		return scalar(tagNull, "null"), nil
	case reflect.Pointer, reflect.Interface:
		if v.IsNil() {
			return scalar(tagNull, "null"), nil
		}
		return nodeOf(v.Elem())
	case reflect.Bool:
		return scalar(tagTruth, strconv.FormatBool(v.Bool())), nil
	case reflect.Int, reflect.Int64:
		return scalar(tagWhole, strconv.FormatInt(v.Int(), 10)), nil
	case reflect.Float32, reflect.Float64:
		return float(v.Float())
	case reflect.String:
		if n, ok := reflect.TypeAssert[json.Number](v); ok {
			return number(n)
		}
		return quotedNode(v.String()), nil
	case reflect.Slice, reflect.Array:
		return listOf(v)
	case reflect.Map:
		return mapOf(v)
	default:
		return byJSON(v.Interface())
	}
}

func scalar(tag, value string) *yaml.Node {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tag, Value: value}
}

// quotedNode gives a text. What is no UTF-8 in it becomes what JSON makes of it.
func quotedNode(s string) *yaml.Node {
	if !utf8.ValidString(s) {
		s = string([]rune(s))
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: tagText, Style: yaml.DoubleQuotedStyle, Value: s}
}

func listOf(v reflect.Value) (*yaml.Node, error) {
	n := &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq", Style: yaml.FlowStyle, Content: make([]*yaml.Node, 0, v.Len())}
	for i := range v.Len() {
		item, err := nodeOf(v.Index(i))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, item)
	}
	return n, nil
}

func mapOf(v reflect.Value) (*yaml.Node, error) {
	if v.Type().Key().Kind() != reflect.String {
		return nil, fmt.Errorf("a mapping with keys of type %s can't be written", v.Type().Key())
	}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	n := &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Style: yaml.FlowStyle, Content: make([]*yaml.Node, 0, 2*len(keys))}
	for _, k := range keys {
		value, err := nodeOf(v.MapIndex(k))
		if err != nil {
			return nil, err
		}
		n.Content = append(n.Content, quotedNode(k.String()), value)
	}
	return n, nil
}

// byJSON gives a value of any other type in the form that JSON has for it.
func byJSON(v any) (*yaml.Node, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(string(data)))
	dec.UseNumber()
	var plain any
	if err := dec.Decode(&plain); err != nil {
		return nil, err
	}
	return nodeOf(reflect.ValueOf(plain))
}

// digits is a whole number of JSON.
var digits = pattern.New(`^-?(?:0|[1-9][0-9]*)$`)

func number(n json.Number) (*yaml.Node, error) {
	if digits.MatchString(string(n)) { // as many as there are
		return scalar(wholeTag(string(n)), string(n)), nil
	}
	f, err := n.Float64()
	if err != nil {
		return nil, fmt.Errorf("%q is no number: %w", n, err)
	}
	return float(f)
}

// wholeTag gives the tag that the YAML library gives a whole number: one that no machine number holds is a float for it.
func wholeTag(text string) string {
	if _, err := strconv.ParseInt(text, 10, 64); err == nil {
		return tagWhole
	}
	if _, err := strconv.ParseUint(text, 10, 64); err == nil {
		return tagWhole
	}
	return tagFloat
}

func float(f float64) (*yaml.Node, error) {
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return nil, fmt.Errorf("%v has no form in JSON, so Prefect could not store it", f)
	case f == math.Trunc(f) && math.Abs(f) < 1e15:
		return scalar(tagFloat, strconv.FormatFloat(f, 'f', 1, 64)), nil
	default:
		text := strconv.FormatFloat(f, 'g', -1, 64)
		if mantissa, exponent, ok := strings.Cut(text, "e"); ok && !strings.Contains(mantissa, ".") {
			text = mantissa + ".0e" + exponent
		}
		return scalar(tagFloat, text), nil
	}
}
