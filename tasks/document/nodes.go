package document

import (
	"fmt"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/finding"
)

// Reader collects findings while somebody walks the nodes of one file.
type Reader struct {
	File     string
	Rules    finding.Catalogue // of the codes that are reported
	Findings finding.List
}

// At gives the place of a node, with the key under which it is told.
func (r *Reader) At(n *yaml.Node, key string) finding.Position {
	return finding.Position{File: r.File, Line: n.Line, Column: n.Column, Key: key}
}

// Fail reports an error at a node.
func (r *Reader) Fail(n *yaml.Node, key, code, fix, format string, args ...any) {
	r.Findings = append(r.Findings, r.Rules.New(code, finding.Everything(), finding.Finding{Position: r.At(n, key), Message: fmt.Sprintf(format, args...), Fix: fix}))
}

// Kind says in a few words what a node is.
func Kind(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	case yaml.AliasNode:
		return Kind(n.Alias)
	default:
		switch n.Tag {
		case Null:
			return "empty"
		case "!!int", "!!float":
			return "the number " + n.Value
		case "!!bool":
			return "the truth value " + n.Value
		default:
			return strconv.Quote(n.Value)
		}
	}
}

// Filled gives a copy of a node in which texts are filled in; keys on the way are joined by dots, and what stands below one that skip names
// is left alone.
func Filled(n *yaml.Node, key string, skip func(key string) bool, fill func(n *yaml.Node, key string) string) *yaml.Node {
	n = Target(n)
	if skip(key) {
		return n
	}
	out := *n
	if n.Kind == yaml.ScalarNode && n.Tag == "!!str" {
		out.Value = fill(n, key)
		return &out
	}
	out.Content = make([]*yaml.Node, 0, len(n.Content))
	for i, c := range n.Content {
		switch {
		case n.Kind != yaml.MappingNode:
			c = Filled(c, key, skip, fill)
		case i%2 == 1:
			c = Filled(c, key+"."+n.Content[i-1].Value, skip, fill)
		}
		out.Content = append(out.Content, c)
	}
	return &out
}
