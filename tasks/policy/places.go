package policy

import (
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/flowmage/flowmage/tasks/document"
	"github.com/flowmage/flowmage/tasks/finding"
)

// places finds where a character of an expression stands in its file.
type places struct {
	file  string
	lines []string
	list  []*yaml.Node // the policies
}

func newPlaces(file string, data []byte) places {
	p := places{file: file, lines: strings.Split(string(data), "\n")}
	root, _ := document.Read(file, data)
	if root == nil {
		return p
	}
	if list := below(root, "policies"); list != nil && list.Kind == yaml.SequenceNode {
		p.list = list.Content
	}
	return p
}

// below gives the value of a key, nil where there is none.
func below(n *yaml.Node, key string) *yaml.Node {
	if document.Target(n).Kind != yaml.MappingNode {
		return nil
	}
	for _, e := range document.Entries(n, nil, func(document.Flaw) {}) {
		if e.Name == key {
			return e.Value
		}
	}
	return nil
}

// in gives the place of a line and a column, both from 1, of the text at a policy's key.
func (p places) in(policy int, key string, line, column int) finding.Position {
	if policy >= len(p.list) {
		return finding.Position{}
	}
	n := below(p.list[policy], key)
	if n == nil {
		return finding.Position{}
	}
	at := finding.Position{File: p.file, Line: n.Line, Column: n.Column}
	switch n.Style {
	case yaml.LiteralStyle:
		return p.clamped(at, n.Line+line, p.indent(n.Line+1, n.Line+line)+column)
	case yaml.FoldedStyle:
		return p.folded(at, n.Line+1, 0, line, column)
	case yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle:
		return p.folded(at, n.Line, n.Column, line, column)
	default:
		return p.folded(at, n.Line, n.Column-1, line, column)
	}
}

// indent gives how far the lines of a block are moved in: as its first one that is not empty.
func (p places) indent(from, to int) int {
	for i := from; i <= to && i <= len(p.lines); i++ {
		if text := p.lines[i-1]; strings.TrimSpace(text) != "" {
			return len(text) - len(strings.TrimLeft(text, " "))
		}
	}
	return 0
}

// folded follows a text whose lines are joined by spaces. skip is what stands in front of it on its first line; of a later line, its spaces do.
func (p places) folded(at finding.Position, from, skip, line, column int) finding.Position {
	if line > 1 { // an empty line, or an escape: the text's beginning must do
		return at
	}
	left := column - 1
	for i := from; i <= len(p.lines); i++ {
		text := p.lines[i-1]
		start := len(text) - len(strings.TrimLeft(text, " "))
		if i == from && skip > 0 {
			start = min(skip, len(text))
		}
		width := utf8.RuneCountInString(strings.TrimRight(text[start:], " \r"))
		if left <= width {
			return p.clamped(at, i, start+1+left)
		}
		left -= width + 1
	}
	return at
}

// clamped gives a place, or another one where the file has none such.
func (p places) clamped(other finding.Position, line, column int) finding.Position {
	if line < 1 || line > len(p.lines) || column > utf8.RuneCountInString(p.lines[line-1])+1 {
		return other
	}
	return finding.Position{File: p.file, Line: line, Column: column}
}
