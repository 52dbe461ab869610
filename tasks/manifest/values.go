package manifest

import (
	"encoding/json"
	"math"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// The tags of a text and of numbers.
const (
	textTag  = "!!str"
	integer  = "!!int"
	floating = "!!float"
)

// wrongType is the code of findings about values of another type than Prefect accepts.
const wrongType = "type-wrong"

// largestLimit is the largest number that the server keeps where it counts something: its database has 32 bits for it.
const largestLimit = math.MaxInt32

// The readers below give the zero value and a finding when a value has another type than Prefect accepts.

func (r *reader) text(n *yaml.Node, key string) string {
	if n.Kind != yaml.ScalarNode || n.Tag != textTag {
		r.drop(n, key, wrongType, "write it in quotes if it is meant as text", "%s must be text, this is %s", key, document.Kind(n))
		return ""
	}
	r.mark(n, key)
	return n.Value
}

// mark notes where a text with a placeholder stands, for what is told when it is filled in.
func (r *reader) mark(n *yaml.Node, key string) {
	if _, known := r.marks[n.Value]; known || !strings.Contains(n.Value, "{{") && !shellForm.MatchString(n.Value) {
		return
	}
	if r.marks == nil {
		r.marks = map[string]finding.Position{}
	}
	r.marks[n.Value] = r.At(n, key)
}

// moment gives a date or time as it was written, in quotes or not.
func (r *reader) moment(n *yaml.Node, key string) string {
	if n.Tag == "!!timestamp" {
		return n.Value
	}
	return r.text(n, key)
}

// optional reads a value for whose key Prefect takes a null as if the key were not there, as people write it who fill in a form.
func optional(read func(*yaml.Node)) func(*yaml.Node) {
	return func(n *yaml.Node) {
		if n.Tag != document.Null {
			read(n)
		}
	}
}

// filled reports a null where Prefect wants a value.
func (r *reader) filled(n *yaml.Node, key string) {
	if n.Tag == document.Null {
		r.drop(n, key, wrongType, "remove the key, or give it a value", "%s has no value", key)
	}
}

// optionalText gives nil for an empty value.
func (r *reader) optionalText(n *yaml.Node, key string) *string {
	if n.Tag == document.Null {
		return nil
	}
	return new(r.text(n, key))
}

func (r *reader) truth(n *yaml.Node, key string) *bool {
	var b bool
	if n.Tag == document.Null {
		return nil
	}
	if n.Kind == yaml.ScalarNode && (n.Tag == textTag || n.Tag == integer) {
		if parsed, ok := document.Truth(n.Value); ok { // as pydantic reads it
			return &parsed
		}
	}
	if r.early(n, key) {
		return nil
	}
	if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" || n.Decode(&b) != nil {
		r.drop(n, key, wrongType, "write true or false", "%s must be true or false, this is %s", key, document.Kind(n))
		return nil
	}
	return &b
}

func (r *reader) whole(n *yaml.Node, key string) int {
	if r.early(n, key) {
		return 0
	}
	before := len(r.Findings)
	var v any
	if n.Kind == yaml.ScalarNode {
		v = r.scalar(n, key)
	}
	switch x := v.(type) {
	case int:
		return x
	case float64:
		if x == math.Trunc(x) && math.Abs(x) < 1<<53 {
			return int(x)
		}
	case string: // as pydantic reads it
		if i, ok := document.WholeText(x); ok {
			return i
		}
	}
	if _, huge := v.(json.Number); huge {
		r.Fail(n, key, "value-range", "write a smaller one", "%s can't be %s: no server keeps so large a number there", key, n.Value)
	} else if len(r.Findings) == before {
		r.drop(n, key, wrongType, "write a whole number", "%s must be a whole number, this is %s", key, document.Kind(n))
	}
	return 0
}

func (r *reader) texts(n *yaml.Node, key string) []string {
	if n.Tag == document.Null {
		return nil
	}
	if n.Kind == yaml.ScalarNode && n.Tag == textTag && strings.Contains(n.Value, "{{") {
		r.mark(n, key)
		return []string{n.Value}
	}
	if n.Kind != yaml.SequenceNode {
		r.drop(n, key, wrongType, "write a list: [a, b]", "%s must be a list of texts, this is %s", key, document.Kind(n))
		return nil
	}
	out := make([]string, 0, len(n.Content))
	for _, c := range n.Content {
		out = append(out, r.text(document.Target(c), key))
	}
	return out
}

// mappings gives the items of a list of mappings; thing is what one is called, and begin how it may begin.
func (r *reader) mappings(n *yaml.Node, key, things, thing, begin string) []*yaml.Node {
	if n.Kind != yaml.SequenceNode {
		r.drop(n, key, wrongType, "write a list of "+things, "%s must be a list, this is %s", key, document.Kind(n))
		return nil
	}
	out := make([]*yaml.Node, 0, len(n.Content))
	for _, c := range n.Content {
		if c = document.Target(c); c.Kind != yaml.MappingNode {
			r.drop(c, key, wrongType, "write `- "+begin+"`", "%s must be a mapping, this is %s", thing, document.Kind(c))
			continue
		}
		out = append(out, c)
	}
	return out
}

// object gives a mapping with text keys as plain JSON values.
func (r *reader) object(n *yaml.Node, key string) map[string]any {
	if n.Kind != yaml.MappingNode {
		r.drop(n, key, wrongType, "write a mapping: {name: value}", "%s must be a mapping, this is %s", key, document.Kind(n))
		return nil
	}
	out := map[string]any{}
	for _, e := range r.entries(n) {
		out[e.Name] = r.plain(e.Value, key)
	}
	return out
}

// places tells where each key of a mapping stands. What is wrong with the keys is told by who reads the values.
func (r *reader) places(n *yaml.Node) map[string]finding.Position {
	out := map[string]finding.Position{}
	for _, e := range document.Entries(n, nil, func(document.Flaw) {}) {
		out[e.Name] = r.At(e.Key, "parameters."+e.Name)
	}
	return out
}

// plain gives a value as encoding/json would decode it, but whole numbers as int, or as json.Number where an int can't hold them. Dates stay
// the text that was written, since JSON has none.
func (r *reader) plain(n *yaml.Node, key string) any {
	n = document.Target(n)
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		r.drop(n, key, "yaml-tag", "write the value, or {{ $NAME }} for a variable of the environment", "%s: nobody knows the tag %s", key, n.Tag)
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		return r.object(n, key)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			out = append(out, r.plain(c, key))
		}
		return out
	default:
		return r.scalar(n, key)
	}
}

// scalar reads a single value, as JSON has it.
func (r *reader) scalar(n *yaml.Node, key string) any {
	var v any
	bare := n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle|yaml.LiteralStyle|yaml.FoldedStyle|yaml.TaggedStyle) == 0
	read := false
	if bare {
		v, read = document.Older(n)
	}
	switch {
	case read:
	case n.Tag == "!!timestamp" || n.Tag == textTag:
		r.mark(n, key)
		return n.Value
	case n.Tag == integer: // by its tag
		i, ok := document.Whole(n.Value)
		if !ok {
			r.Fail(n, key, wrongType, "write the number without a tag", "%s: %s is no whole number", key, n.Value)
			return nil
		}
		return document.Number(i)
	default:
		if err := n.Decode(&v); err != nil {
			r.Fail(n, key, wrongType, "", "%s: %v", key, err)
		}
	}
	if f, ok := v.(float64); ok && (math.IsInf(f, 0) || math.IsNaN(f)) {
		r.Fail(n, key, wrongType, "write a number, or a text in quotes", "%s: %s can't be sent to the server, JSON has no such number", key, n.Value)
		return nil
	}
	return v
}
